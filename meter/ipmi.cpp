// SPDX-License-Identifier: BSD-3-Clause
#include "meter/backends.hpp"

#include "core/clock.hpp"

#include <fcntl.h>
#include <linux/ipmi.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>

namespace crossjoule::meter {
namespace {

constexpr char const* device_path = "/dev/ipmi0";
constexpr unsigned char group_extension = 0x2C, get_power_reading = 0x02, dcmi = 0xDC;
constexpr int patience_ms = 100;
constexpr std::int64_t renewed_ns = 1'000'000'000;

using Bytes = std::vector<unsigned char>;

/// Watts of an answer: completion code, 0xDC, current, minimum, maximum, average (two bytes each,
/// low first), time stamp, period, state with bit 6 set while a measurement runs.
std::optional<double> parse_answer(Bytes const& answer) {
  if (answer.size() < 19 || answer[0] != 0 || answer[1] != dcmi) return {};
  if ((answer[18] & 0x40) == 0) return {};
  return answer[2] + 256.0 * answer[3];
}

/// Asks the board controller; it answers within 1 to 60 ms, from readings seconds old.
std::optional<Bytes> ask(int descriptor) {
  unsigned char data[4] = {dcmi, 0x01, 0x00, 0x00};
  ipmi_system_interface_addr address{};
  address.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE, address.channel = IPMI_BMC_CHANNEL;
  ipmi_req request{};
  request.addr = reinterpret_cast<unsigned char*>(&address), request.addr_len = sizeof address;
  request.msgid = 1;
  request.msg.netfn = group_extension, request.msg.cmd = get_power_reading;
  request.msg.data = data, request.msg.data_len = sizeof data;
  if (::ioctl(descriptor, IPMICTL_SEND_COMMAND, &request) != 0) return {};
  pollfd wait{descriptor, POLLIN, 0};
  if (::poll(&wait, 1, patience_ms) != 1) return {};
  std::array<unsigned char, 64> answer{};
  ipmi_recv received{};
  received.addr = reinterpret_cast<unsigned char*>(&address), received.addr_len = sizeof address;
  received.msg.data = answer.data(), received.msg.data_len = answer.size();
  if (::ioctl(descriptor, IPMICTL_RECEIVE_MSG_TRUNC, &received) != 0) return {};
  return Bytes(answer.begin(), answer.begin() + received.msg.data_len);
}

std::optional<Bytes> parse_hex(std::string const& text) {
  std::istringstream words(text);
  Bytes bytes;
  for (std::string word; words >> word;) {
    char* end = nullptr;
    long const value = std::strtol(word.c_str(), &end, 16);
    if (*end != '\0' || value < 0 || value > 255) return {};
    bytes.push_back(static_cast<unsigned char>(value));
  }
  return bytes;
}

class DcmiSensor : public Sensor {
 public:
  enum class Form { device, text };
  DcmiSensor(SensorInfo info, int descriptor, Form form)
      : Sensor(std::move(info)), file_(descriptor), descriptor_(descriptor), form_(form) {}
  std::optional<Reading> read() override {
    std::optional<Bytes> answer;
    if (form_ == Form::device) {
      // the controller takes milliseconds to answer and renews the figure once a second
      if (core::steady_ns() - asked_ns_ < renewed_ns) return last_;
      answer = ask(descriptor_);
      asked_ns_ = core::steady_ns();
    }
    auto const text = form_ == Form::text ? file_.read(4096) : std::nullopt;
    if (text) answer = parse_hex(*text);
    auto const watt = answer ? parse_answer(*answer) : std::nullopt;
    last_ = watt ? std::optional(Reading{0, *watt}) : std::nullopt;
    return last_;
  }

 private:
  OpenFile file_;  // closes the descriptor
  int descriptor_;
  Form form_;
  std::int64_t asked_ns_ = -renewed_ns;
  std::optional<Reading> last_;
};

}  // namespace

Found find_ipmi(Tree const& tree) {
  Found found;
  ProbeRow row{"ipmi", "node-dcmi", tree.at(device_path).string(), Status::ok, 0, "not used", ""};
  bool const is_real = tree.is_real();
  int const descriptor = is_real ? ::open(device_path, O_RDWR | O_CLOEXEC) : tree.open(device_path);
  int const code = is_real && descriptor < 0 ? errno : -descriptor;
  if (descriptor < 0) {
    bool const is_denied = code == EACCES || code == EPERM;
    row.status = is_denied ? Status::denied : Status::absent, row.error_number = code;
    if (!is_denied) row.id = std::string("-");
    row.advice = is_denied ? "root alone may ask the board controller: use the prolog recipe of "
                             "docs/meter_slurm.md, or an external meter's file"
                           : "no board controller driver (ipmi_si, ipmi_devintf)";
    found.rows.push_back(row);
    return found;
  }
  SensorInfo info;
  info.id = row.id, info.backend = "ipmi", info.path = row.path, info.name = "DCMI node power";
  info.device = DeviceClass::node, info.source = Source::power, info.quantum_joule = 0;
  info.update_second = 1, info.gain = 0.05, info.max_watt = 20000, info.unit = std::string("W");
  info.yields = true;
  auto sensor = std::make_shared<DcmiSensor>(
      std::move(info), descriptor, is_real ? DcmiSensor::Form::device : DcmiSensor::Form::text);
  if (sensor->read()) {
    row.advice = "it may leave out accelerators: compare with the sum of the parts";
    found.sensors.push_back(std::move(sensor));
  } else {
    row.status = Status::implausible;
    row.advice = "the controller does not answer DCMI power requests, or measures nothing";
  }
  found.rows.push_back(row);
  return found;
}

}  // namespace crossjoule::meter
