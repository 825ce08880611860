// SPDX-License-Identifier: BSD-3-Clause
// The one file that knows MPI.
#include "core/comm.hpp"
#include "core/detail/comm_handle.hpp"
#include "core/detail/h5_library.hpp"
#include "core/error.hpp"

#include <mpi.h>
#include <unistd.h>
#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace crossjoule::core {
namespace {

/// Counts are int in MPI 3: longer messages go in pieces of 1 GiB.
constexpr std::size_t piece_bytes = std::size_t{1} << 30;

void check(int status, char const* call) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "unknown error";
  int length = 0;
  MPI_Error_string(status, text, &length);
  fail(ExitCode::internal, "{} failed ({}) see whether all ranks are alive", call, text);
}

/// Calls `transfer(first byte, count)` for each piece of a message; once for an empty one.
template <class Transfer>
void in_pieces(std::size_t bytes, Transfer transfer) {
  std::size_t done = 0;
  do {
    std::size_t const count = std::min(piece_bytes, bytes - done);
    transfer(done, static_cast<int>(count));
    done += count;
  } while (done < bytes);
}

bool mpi_is_running() {
  int started = 0, ended = 0;
  MPI_Initialized(&started);
  MPI_Finalized(&ended);
  return started && !ended;
}

/// Ends MPI with the process; an aborted job never gets here.
struct Life {
  Life() {
    int started = 0, level = 0;
    check(MPI_Initialized(&started), "MPI_Initialized");
    // only the main thread talks; meter's sampler thread never does
    if (!started)
      check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level), "MPI_Init_thread");
    owner = !started;
    check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  }
  ~Life() {
    if (owner && mpi_is_running()) MPI_Finalize();
  }
  bool owner = false;
};

}  // namespace

class MpiHandle final : public Comm::Handle {
 public:
  explicit MpiHandle(MPI_Comm comm) : comm_(comm) {
    check(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  }
  ~MpiHandle() override {
    if (mpi_is_running()) MPI_Comm_free(&comm_);
  }
  MpiHandle(MpiHandle const&) = delete;

  int rank() const {
    int rank = 0;
    check(MPI_Comm_rank(comm_, &rank), "MPI_Comm_rank");
    return rank;
  }
  int size() const {
    int size = 0;
    check(MPI_Comm_size(comm_, &size), "MPI_Comm_size");
    return size;
  }
  Comm node() const override;
  void barrier() const override { check(MPI_Barrier(comm_), "MPI_Barrier"); }

  void broadcast(std::span<std::byte> bytes, int root) const override {
    in_pieces(bytes.size(), [&](std::size_t first, int count) {
      check(MPI_Bcast(bytes.data() + first, count, MPI_BYTE, root, comm_), "MPI_Bcast");
    });
  }
  void send(std::span<std::byte const> bytes, int to, int tag) const override {
    in_pieces(bytes.size(), [&](std::size_t first, int count) {
      check(MPI_Send(bytes.data() + first, count, MPI_BYTE, to, tag, comm_), "MPI_Send");
    });
  }
  void receive(std::span<std::byte> bytes, int from, int tag) const override {
    in_pieces(bytes.size(), [&](std::size_t first, int count) {
      MPI_Status status;
      int received = 0;
      check(MPI_Recv(bytes.data() + first, count, MPI_BYTE, from, tag, comm_, &status), "MPI_Recv");
      check(MPI_Get_count(&status, MPI_BYTE, &received), "MPI_Get_count");
      VALIDATE_AS(ExitCode::internal, received == count,
                  "rank {} sent {} bytes where {} were expected", from, received, count);
    });
  }
  void exchange(std::span<std::byte const> mine, std::span<std::byte> theirs, int peer,
                int tag) const override {
    in_pieces(mine.size(), [&](std::size_t first, int count) {
      check(MPI_Sendrecv(mine.data() + first, count, MPI_BYTE, peer, tag, theirs.data() + first,
                         count, MPI_BYTE, peer, tag, comm_, MPI_STATUS_IGNORE),
            "MPI_Sendrecv");
    });
  }
  std::vector<std::vector<std::byte>> all_gather(std::span<std::byte const> mine) const override;

  std::int64_t sum(std::int64_t value) const override {
    std::int64_t total = 0;
    check(MPI_Allreduce(&value, &total, 1, MPI_INT64_T, MPI_SUM, comm_), "MPI_Allreduce");
    return total;
  }
  double reduce(double value, Reduction how) const override {
    double result = 0;
    MPI_Op const op = how == Reduction::sum ? MPI_SUM : how == Reduction::max ? MPI_MAX : MPI_MIN;
    check(MPI_Allreduce(&value, &result, 1, MPI_DOUBLE, op, comm_), "MPI_Allreduce");
    return result;
  }
  [[noreturn]] void abort(int exit_code) const override {
    MPI_Abort(MPI_COMM_WORLD, exit_code);
    _exit(exit_code);
  }

 private:
  MPI_Comm comm_;
};

Comm MpiHandle::node() const {
  MPI_Comm local = MPI_COMM_NULL;
  check(MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, rank(), MPI_INFO_NULL, &local),
        "MPI_Comm_split_type");
  return Comm::from(std::make_shared<MpiHandle>(local));
}

std::vector<std::vector<std::byte>> MpiHandle::all_gather(std::span<std::byte const> mine) const {
  std::vector<std::int64_t> lengths(static_cast<std::size_t>(size()));
  auto const my_length = static_cast<std::int64_t>(mine.size());
  check(MPI_Allgather(&my_length, 1, MPI_INT64_T, lengths.data(), 1, MPI_INT64_T, comm_),
        "MPI_Allgather");

  std::vector<std::vector<std::byte>> parts(lengths.size());
  for (std::size_t rank = 0; rank < parts.size(); ++rank) {
    // one broadcast per rank: no staging buffer, no limit on the sum of lengths
    if (static_cast<int>(rank) == this->rank()) parts[rank].assign(mine.begin(), mine.end());
    parts[rank].resize(static_cast<std::size_t>(lengths[rank]));
    broadcast(parts[rank], static_cast<int>(rank));
  }
  return parts;
}

Comm Comm::from(std::shared_ptr<Handle> handle) {
  auto const& mpi = static_cast<MpiHandle const&>(*handle);
  int const rank = mpi.rank(), size = mpi.size();
  return Comm(std::move(handle), rank, size);
}

namespace {

Comm start_world(int promised) {
  // before MPI starts, else HDF5 hangs its exit-time cleanup on MPI_Finalize
  detail::start_h5();
  static Life const life;
  MPI_Comm all = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &all), "MPI_Comm_dup");
  Comm comm = Comm::from(std::make_shared<MpiHandle>(all));
  VALIDATE_AS(ExitCode::missing, comm.size() > 1 || promised <= 1,
              "{} ranks were launched but MPI sees one (launcher and MPI library do not match) use "
              "the mpirun of "
              "the MPI that this build links, or srun --mpi=pmix",
              promised);
  return comm;
}

}  // namespace

Comm Comm::world() {
  int const promised = detail::ranks_promised_by_launcher();
  if (promised == 0) return serial();
  static Comm const all = start_world(promised);
  return all;
}

}  // namespace crossjoule::core
