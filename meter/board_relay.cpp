// SPDX-License-Identifier: BSD-3-Clause
#include "meter/board_relay.hpp"

#include "meter/shared_page.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

namespace crossjoule::meter {

/// One board. Its description is written before `owner` and never again; `turn` is odd while the
/// owner changes the figures.
struct BoardRelay::Slot {
  std::atomic<std::int32_t> owner;  ///< process that tells of it; 0: free
  std::array<char, 96> id, name, path;
  std::int32_t is_counter, is_sampled;
  double quantum_joule, update_second, gain, max_watt, duty;
  std::atomic<std::uint32_t> turn;
  std::atomic<std::int32_t> is_good;
  std::atomic<std::int64_t> time_ns;
  std::atomic<std::uint64_t> counter;
  std::atomic<double> watt, busy;  ///< busy below 0: it does not tell
};

/// Fresh pages of memory hold zeros: nobody asked, nothing is told.
struct BoardRelay::Page {
  std::atomic<std::int32_t> reader, question, answers;
  std::array<Slot, most_boards> slots;
};

namespace {

constexpr std::int32_t all_seen = 1, some_hidden = 2;
/// A figure older than this is no reading: its rank was stopped, or has ended.
constexpr std::int64_t stale_ns = 2'000'000'000;

template <std::size_t N>
void put(std::array<char, N>& to, std::string const& text) {
  to.fill(0);
  std::memcpy(to.data(), text.data(), std::min(text.size(), N - 1));
}
template <std::size_t N>
std::string text_of(std::array<char, N> const& from) {
  return {from.data(), ::strnlen(from.data(), N - 1)};
}

/// Held while slots are claimed, so that two ranks do not tell of one board. A lock of the other
/// family than flock(): that one says who has the page mapped.
class Claim {
 public:
  explicit Claim(std::filesystem::path const& file)
      : descriptor_(::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)) {
    struct flock all {};
    all.l_type = F_WRLCK, all.l_whence = SEEK_SET;
    if (descriptor_ >= 0) ::fcntl(descriptor_, F_OFD_SETLKW, &all);
  }
  ~Claim() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Claim(Claim const&) = delete;
  Claim& operator=(Claim const&) = delete;

 private:
  int descriptor_;
};

}  // namespace

/// A board of another rank as a sensor of the reader's.
class BoardRelay::Told : public Sensor {
 public:
  Told(SensorInfo info, std::shared_ptr<Page> page, Slot& slot)
      : Sensor(std::move(info)), page_(std::move(page)), slot_(slot) {}

  std::optional<Reading> read() override {
    if (!is_alive(slot_.owner.load())) return {};
    for (int attempt = 0; attempt < 100; ++attempt) {  // a writer that was stopped holds nobody up
      std::uint32_t const turn = slot_.turn.load();
      Reading const reading{slot_.counter.load(), slot_.watt.load(), 0};
      bool const is_good = slot_.is_good.load() != 0;
      std::int64_t const time_ns = slot_.time_ns.load();
      if (turn % 2 != 0 || slot_.turn.load() != turn) continue;
      bool const is_new = time_ns != last_ns_;
      if (is_new) last_ns_ = time_ns, seen_ = std::chrono::steady_clock::now();
      auto const age = std::chrono::steady_clock::now() - seen_;
      bool const is_stale = std::chrono::nanoseconds(age).count() > stale_ns;
      return is_good && !is_stale ? std::optional(reading) : std::nullopt;
    }
    return {};
  }
  std::optional<double> busy_share() override {
    double const share = slot_.busy.load();
    return share >= 0 ? std::optional(share) : std::nullopt;
  }

 private:
  std::shared_ptr<Page> page_;  // keeps the memory that the slot lies in
  Slot& slot_;
  std::int64_t last_ns_ = 0;
  std::chrono::steady_clock::time_point seen_ = std::chrono::steady_clock::now();
};

BoardRelay::BoardRelay(std::filesystem::path file)
    : file_(std::move(file)),
      page_(std::static_pointer_cast<Page>(map_shared_page(file_, sizeof(Page)))) {}

BoardRelay::~BoardRelay() {
  for (auto& [slot, sensor] : told_) slot->owner = 0;
  if (removes_) ::unlink(file_.c_str());
}

void BoardRelay::ask(Hidden hidden, std::vector<std::string> const& own_ids) {
  if (!page_) return;
  {
    Claim const claim(file_);
    for (auto const& id : own_ids)
      for (auto& slot : page_->slots) {
        if (is_alive(slot.owner.load())) continue;
        put(slot.id, id);
        slot.is_good = 0, slot.owner = ::getpid();
        taken_.push_back(static_cast<int>(&slot - page_->slots.data()));
        break;
      }
    page_->answers = 0, page_->reader = ::getpid();
  }
  page_->question = hidden == Hidden::some ? some_hidden : all_seen;
}

int BoardRelay::answers() const { return page_ ? page_->answers.load() : 0; }

std::vector<std::shared_ptr<Sensor>> BoardRelay::take_new() {
  std::vector<std::shared_ptr<Sensor>> sensors;
  if (!page_) return sensors;
  for (int k = 0; k < most_boards; ++k) {
    auto& slot = page_->slots[static_cast<std::size_t>(k)];
    bool const is_known = std::count(taken_.begin(), taken_.end(), k) > 0;
    if (is_known || slot.is_good.load() == 0 || !is_alive(slot.owner.load())) continue;
    SensorInfo info;
    info.id = text_of(slot.id), info.name = text_of(slot.name);
    info.path = "another rank's " + text_of(slot.path);
    info.backend = "relay", info.device = DeviceClass::gpu, info.contained_in = {"module"};
    info.source = slot.is_counter ? Source::counter : Source::power;
    info.is_sampled = slot.is_sampled != 0, info.quantum_joule = slot.quantum_joule;
    info.update_second = slot.update_second + period_second, info.gain = slot.gain;
    info.max_watt = slot.max_watt, info.duty = slot.duty;
    info.unit = slot.is_counter ? "mJ" : "mW";
    taken_.push_back(k);
    sensors.push_back(std::make_shared<Told>(std::move(info), page_, slot));
  }
  return sensors;
}

bool BoardRelay::is_asked(double patience_second) const {
  using namespace std::chrono;
  if (!page_) return false;
  auto const deadline = steady_clock::now() + duration<double>(patience_second);
  while (page_->question.load() == 0 || !is_alive(page_->reader.load())) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return page_->question.load() == some_hidden;
}

void BoardRelay::offer(std::vector<std::shared_ptr<Sensor>> const& boards) {
  if (!page_) return;
  Claim const claim(file_);
  for (auto const& board : boards) {
    auto const& info = board->info();
    auto& slots = page_->slots;
    bool const is_told = std::any_of(slots.begin(), slots.end(), [&](auto const& slot) {
      return is_alive(slot.owner.load()) && text_of(slot.id) == info.id;
    });
    auto const free = std::find_if(slots.begin(), slots.end(),
                                   [](auto const& slot) { return !is_alive(slot.owner.load()); });
    if (is_told || free == slots.end()) continue;
    put(free->id, info.id), put(free->name, info.name), put(free->path, info.path);
    free->is_counter = info.source == Source::counter, free->is_sampled = info.is_sampled;
    free->quantum_joule = info.quantum_joule, free->update_second = info.update_second;
    free->gain = info.gain, free->max_watt = info.max_watt, free->duty = info.duty;
    free->is_good = 0, free->turn = 0, free->busy = -1;
    free->owner = ::getpid();
    told_.emplace_back(&*free, board);
  }
}

void BoardRelay::tell(Clock& clock) {
  for (auto& [slot, sensor] : told_) {
    auto const reading = sensor->read();
    auto const busy = sensor->busy_share();
    slot->turn.fetch_add(1);
    if (reading) slot->counter = reading->counter, slot->watt = reading->watt;
    slot->is_good = reading.has_value(), slot->time_ns = clock.now_ns();
    slot->busy = busy.value_or(-1);
    slot->turn.fetch_add(1);
  }
  if (page_ && !has_answered_) page_->answers.fetch_add(1), has_answered_ = true;
}

}  // namespace crossjoule::meter
