// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/schedule.hpp"

#include "runtime/plan/arena.hpp"

#include <algorithm>
#include <limits>

namespace crossjoule::runtime {
namespace {

using models::NodeId;

/// Buffers of a schedule in the making: values by action, gradients by node. Two of them may be one
/// buffer where a step can work in place.
class Layout {
 public:
  Layout(Program const& program, Schedule& schedule, Keep keep,
         std::vector<std::int64_t> const& sizes)
      : program_(program), schedule_(schedule), keep_(keep), sizes_(sizes) {}

  void run() {
    follow_values();
    join_values();
    follow_gradients();
    join_gradients();
    place();
  }

 private:
  static constexpr int none = -1;
  int end() const { return static_cast<int>(schedule_.actions.size()); }
  Step const& step_of(Action const& action) const { return program_.steps[action.step]; }
  int add_buffer(int first, NodeId node) {
    buffers_.push_back({first, first, sizes_[node]});
    return static_cast<int>(buffers_.size()) - 1;
  }

  /// Each forward action makes a buffer, which lives to the last action that reads it before the
  /// value is made again.
  void follow_values() {
    std::vector<int> current(program_.values.size(), none);
    made_.assign(schedule_.actions.size(), none);
    read_.resize(schedule_.actions.size());
    for (int a = 0; a < end(); ++a) {
      Action const& action = schedule_.actions[a];
      for (NodeId const id : program_.reads(step_of(action), action.task)) {
        read_[a].push_back(current[id]);
        if (current[id] != none) buffers_[current[id]].last = a;
      }
      if (action.task == Task::forward)
        made_[a] = current[step_of(action).result] = add_buffer(a, step_of(action).result);
      if (a + 1 != static_cast<int>(schedule_.forward_count)) continue;
      // the answer is fetched after the way forward
      if (int const answer = current[program_.output]; answer != none)
        buffers_[answer].last = std::max(buffers_[answer].last, a);
    }
    if (keep_ == Keep::everything)
      for (Lifetime& buffer : buffers_) buffer.last = end();
  }

  /// A sum, or an activation on its own, goes where an input lay that nobody reads afterwards.
  void join_values() {
    while (same_as_.size() < buffers_.size()) same_as_.push_back(static_cast<int>(same_as_.size()));
    if (keep_ == Keep::everything) return;
    for (int a = 0; a < end(); ++a) {
      Action const& action = schedule_.actions[a];
      Step const& step = step_of(action);
      bool const can = std::holds_alternative<models::Add>(step.op) ||
                       std::holds_alternative<models::Activation>(step.op);
      if (action.task != Task::forward || !can) continue;
      for (int const input : read_[a]) {
        if (input == none || buffers_[root(input)].last != a) continue;
        Lifetime& whole = buffers_[root(input)];
        whole.last = buffers_[made_[a]].last;
        buffers_[made_[a]].size = 0;
        same_as_[made_[a]] = root(input);
        break;
      }
    }
  }
  int root(int buffer) const {
    while (same_as_[buffer] != buffer) buffer = same_as_[buffer];
    return buffer;
  }

  /// A gradient lives from its first writer to the last task of the step that made the value.
  void follow_gradients() {
    gradient_.assign(program_.values.size(), none);
    writers_.resize(program_.values.size());
    own_.resize(program_.values.size());
    spare_.assign(schedule_.actions.size(), none);
    for (int a = 0; a < end(); ++a) {
      Action const& action = schedule_.actions[a];
      Step const& step = step_of(action);
      if (action.task == Task::forward) continue;
      own_[step.result].push_back(a);
      if (int const own = gradient_[step.result]; own != none) buffers_[own].last = a;
      if (action.task != Task::inputs) continue;
      for (std::size_t i = 0; i < step.inputs.size(); ++i) {
        if (!step.input_gradients[i].is_wanted) continue;
        NodeId const id = step.inputs[i];
        if (gradient_[id] == none) gradient_[id] = add_buffer(a, id);
        writers_[id].push_back(a);
        buffers_[gradient_[id]].last = std::max(buffers_[gradient_[id]].last, a);
      }
      bool const multiplies_and_adds = std::holds_alternative<models::Activation>(step.op) &&
                                       !step.gradient_is_ready && step.input_gradients[0].adds;
      if (multiplies_and_adds) spare_[a] = add_buffer(a, step.result);
    }
    while (same_as_.size() < buffers_.size()) same_as_.push_back(static_cast<int>(same_as_.size()));
    if (keep_ == Keep::everything)
      for (int const buffer : gradient_)
        if (buffer != none) buffers_[buffer].last = end();
  }

  /// The gradient of a sum is that of its terms: they share its buffer as far as nobody writes to
  /// it while another reads it.
  void join_gradients() {
    if (keep_ == Keep::everything) return;
    std::vector<bool> is_lent(program_.values.size(), false);
    for (int a = 0; a < end(); ++a) {
      Action const& action = schedule_.actions[a];
      Step const& step = step_of(action);
      bool const can = std::holds_alternative<models::Add>(step.op) ||
                       std::holds_alternative<models::Activation>(step.op) ||
                       std::holds_alternative<models::LayerNorm>(step.op);
      if (action.task != Task::inputs || !can || is_lent[step.result]) continue;
      std::vector<NodeId> heirs;
      for (std::size_t i = 0; i < step.inputs.size(); ++i)
        if (step.input_gradients[i].is_wanted && !step.input_gradients[i].adds)
          heirs.push_back(step.inputs[i]);
      if (step.inputs.size() == 2 && step.inputs[0] == step.inputs[1]) heirs.clear();
      if (heirs.size() == 2) {
        // one may write to it, the other must be done with reading before
        bool const first_reads = reads_before(heirs[0], heirs[1], a);
        if (!first_reads && !reads_before(heirs[1], heirs[0], a)) {
          if (own_[heirs[0]].back() > own_[heirs[1]].back()) std::swap(heirs[0], heirs[1]);
          heirs.erase(heirs.begin());  // the one that is needed longer takes it
        } else {
          is_lent[first_reads ? heirs[0] : heirs[1]] = true;
        }
      }
      for (NodeId const id : heirs) inherit(id, step.result);
    }
  }
  /// Is `reader` a gradient that nobody changes, and read for the last time before anybody writes
  /// to that of `owner` after action `now`?
  bool reads_before(NodeId reader, NodeId owner, int now) const {
    Step const& step = program_.step_of(reader);
    bool const in_place = step.epilogue.kind != kernels::Epilogue::none && !step.gradient_is_ready;
    bool const only_reads = Program::is_product(step) ? !in_place : !may_share(step.op);
    if (!only_reads || writers_[reader].size() != 1 || own_[reader].empty()) return false;
    int next_write = own_[owner].empty() ? end() : own_[owner].front();
    for (int const writer : writers_[owner])
      if (writer > now) next_write = std::min(next_write, writer);
    return own_[reader].back() < next_write;
  }
  static bool may_share(models::Op const& op) {
    return std::holds_alternative<models::Add>(op) ||
           std::holds_alternative<models::Activation>(op) ||
           std::holds_alternative<models::LayerNorm>(op);
  }
  void inherit(NodeId heir, NodeId from) {
    int const whole = root(gradient_[from]), part = gradient_[heir];
    buffers_[whole].last = std::max(buffers_[whole].last, buffers_[part].last);
    buffers_[part].size = 0;
    same_as_[part] = whole;
  }

  void place() {
    Arena const arena = arrange(buffers_);
    schedule_.size = arena.size;
    auto const place_of = [&](int buffer) { return arena.offsets[root(buffer)]; };
    for (int a = 0; a < end(); ++a) {
      if (made_[a] != none) schedule_.actions[a].place = place_of(made_[a]);
      if (spare_[a] != none) schedule_.actions[a].spare = place_of(spare_[a]);
    }
    schedule_.gradients.assign(program_.values.size(), -1);
    for (std::size_t id = 0; id < gradient_.size(); ++id)
      if (gradient_[id] != none) schedule_.gradients[id] = place_of(gradient_[id]);
  }

  Program const& program_;
  Schedule& schedule_;
  Keep keep_;
  std::vector<std::int64_t> const& sizes_;
  std::vector<Lifetime> buffers_;
  std::vector<int> made_;                        ///< by action: the buffer of its result
  std::vector<std::vector<int>> read_;           ///< by action: the buffers of the values it reads
  std::vector<int> same_as_;                     ///< by buffer: the one it is part of, or itself
  std::vector<int> gradient_;                    ///< by node: its gradient's buffer
  std::vector<int> spare_;                       ///< by action
  std::vector<std::vector<int>> writers_, own_;  ///< by node: actions that write its gradient, and
                                                 ///< the backward tasks of its own step
};

}  // namespace

Schedule make_schedule(Program const& program, Purpose purpose, Keep keep,
                       std::vector<std::int64_t> const& sizes) {
  Schedule schedule;
  if (purpose == Purpose::training)
    schedule.actions = training_actions(program, keep, sizes);
  else
    for (std::size_t s = 0; s < program.steps.size(); ++s)
      schedule.actions.push_back({.task = Task::forward, .step = s});
  schedule.forward_count = program.steps.size();
  Layout(program, schedule, purpose == Purpose::training ? keep : Keep::all_but_cheap, sizes).run();
  return schedule;
}

}  // namespace crossjoule::runtime
