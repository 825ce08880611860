// SPDX-License-Identifier: BSD-3-Clause
#include "runtime/plan/schedule.hpp"

#include <algorithm>
#include <limits>

namespace crossjoule::runtime {
namespace {

using models::NodeId;

/// Values that cost little beside the products around them, given an input that backward reads
/// anyway.
bool is_cheap(Step const& step) {
  return std::holds_alternative<models::LayerNorm>(step.op) ||
         (std::holds_alternative<models::Activation>(step.op) &&
          kernels::gradient_reads_input(step.epilogue.kind));
}

/// The step that makes each node's value; -1 for inputs and what is not stored.
std::vector<int> makers(Program const& program) {
  std::vector<int> all(program.values.size(), -1);
  for (std::size_t s = 0; s < program.steps.size(); ++s)
    all[program.steps[s].result] = static_cast<int>(s);
  return all;
}

std::vector<Task> backward_tasks(Step const& step) {
  if (!step.has_gradient) return {};
  std::vector<Task> tasks;
  if (Program::is_product(step)) tasks.push_back(Task::parameters);
  bool const hands_on = std::any_of(step.input_gradients.begin(), step.input_gradients.end(),
                                    [](InputGradient const& g) { return g.is_wanted; });
  if (hands_on || (!Program::is_product(step) && !step.tensors.empty()))
    tasks.push_back(Task::inputs);
  return tasks;
}

/// Writes down the way back and, before whatever reads a value that is gone, the way to it again.
class Order {
 public:
  Order(Program const& program, Keep keep)
      : program_(program), keep_(keep), maker_(makers(program)) {
    for (std::size_t s = 0; s < program.steps.size(); ++s) emit(Task::forward, s);
    is_there_.assign(program.values.size(), true);
  }

  /// Forget what is not kept on the way forward: with segments all but the values at their borders.
  void forget(std::vector<std::size_t> const& ends) {
    if (keep_ == Keep::everything) return;
    std::vector<std::size_t> segment_of(program_.steps.size());
    for (std::size_t s = 0, segment = 0; s < segment_of.size(); ++s) {
      segment_of[s] = segment;
      if (s == ends[segment]) ++segment;
    }
    for (std::size_t s = 0; s < program_.steps.size(); ++s)
      is_there_[program_.steps[s].result] =
          keep_ == Keep::all_but_cheap && !is_cheap(program_.steps[s]);
    if (keep_ != Keep::segment_borders) return;
    for (std::size_t s = 0; s < program_.steps.size(); ++s)
      for (NodeId const id : program_.steps[s].inputs)
        if (maker_[id] >= 0 && segment_of[maker_[id]] < segment_of[s]) is_there_[id] = true;
  }

  /// Make again what backward of steps [first, last] reads and is neither there nor cheap.
  void make_again(std::size_t first, std::size_t last) {
    std::vector<bool> const before = is_there_;
    std::vector<bool> needed(program_.steps.size(), false);
    for (std::size_t s = first; s <= last; ++s)
      for (Task const task : backward_tasks(program_.steps[s]))
        for (NodeId const id : program_.reads(program_.steps[s], task))
          if (!is_there_[id] && !is_cheap(program_.steps[maker_[id]])) need(id, needed);
    for (std::size_t s = 0; s < needed.size(); ++s)
      if (needed[s]) emit(Task::forward, s);
    for (std::size_t s = 0; s < needed.size(); ++s)
      if (needed[s] && !is_cheap(program_.steps[s])) is_there_[program_.steps[s].result] = true;
  }

  void backward(std::size_t s) {
    for (Task const task : backward_tasks(program_.steps[s])) {
      std::vector<bool> needed(program_.steps.size(), false);
      for (NodeId const id : program_.reads(program_.steps[s], task)) need(id, needed);
      for (std::size_t other = 0; other < needed.size(); ++other)
        if (needed[other]) emit(Task::forward, other);
      emit(task, s);
    }
  }

  std::vector<Action> take() { return std::move(actions_); }

 private:
  void emit(Task task, std::size_t step) { actions_.push_back({.task = task, .step = step}); }
  /// Mark the steps that lead to a value from those that are there.
  void need(NodeId id, std::vector<bool>& needed) const {
    if (is_there_[id] || maker_[id] < 0 || needed[static_cast<std::size_t>(maker_[id])]) return;
    needed[static_cast<std::size_t>(maker_[id])] = true;
    for (NodeId const input : program_.steps[static_cast<std::size_t>(maker_[id])].inputs)
      need(input, needed);
  }

  Program const& program_;
  Keep keep_;
  std::vector<int> maker_;
  std::vector<bool> is_there_;  ///< by node: backward finds its value
  std::vector<Action> actions_;
};

/// Bytes (in numbers) of a cut of the steps: what stands at borders, and the largest segment's own.
struct Cut {
  std::vector<std::size_t> ends;
  std::int64_t cost = std::numeric_limits<std::int64_t>::max();
};

/// Steps after which later ones read just one value of earlier steps.
std::vector<std::size_t> narrow_places(Program const& program) {
  std::vector<std::size_t> last_reader(program.values.size(), 0);
  for (std::size_t s = 0; s < program.steps.size(); ++s)
    for (NodeId const id : program.steps[s].inputs) last_reader[id] = s;
  std::vector<std::size_t> places;
  std::vector<NodeId> open;
  for (std::size_t s = 0; s + 1 < program.steps.size(); ++s) {
    open.push_back(program.steps[s].result);
    std::erase_if(open, [&](NodeId id) { return last_reader[id] <= s; });
    if (open.size() == 1 && open[0] == program.steps[s].result) places.push_back(s);
  }
  return places;
}

}  // namespace

std::vector<std::size_t> segment_ends(Program const& program,
                                      std::vector<std::int64_t> const& sizes) {
  std::size_t const last = program.steps.size() - 1;
  std::vector<std::size_t> places = narrow_places(program);
  places.push_back(last);
  // numbers that backward reads of the values each step makes
  std::vector<bool> is_read(program.values.size(), false);
  for (Step const& step : program.steps)
    for (Task const task : backward_tasks(step))
      for (NodeId const id : program.reads(step, task)) is_read[id] = true;
  std::vector<std::int64_t> read_up_to(program.steps.size() + 1, 0);
  for (std::size_t s = 0; s <= last; ++s) {
    Step const& step = program.steps[s];
    bool const stays = is_read[step.result] && !is_cheap(step);
    read_up_to[s + 1] = read_up_to[s] + (stays ? sizes[step.result] : 0);
  }
  Cut best;
  for (std::size_t from = 0; from < places.size(); ++from)
    for (std::size_t to = from; to < places.size(); ++to) {
      // greedy segments that hold no more than the one between these two places
      std::int64_t const limit =
          read_up_to[places[to] + 1] - (from == 0 ? 0 : read_up_to[places[from - 1] + 1]);
      Cut cut{{}, 0};
      std::size_t begin = 0;
      std::int64_t largest = 0;
      for (std::size_t n = 0; n < places.size(); ++n) {
        bool const fits =
            n + 1 < places.size() && read_up_to[places[n + 1] + 1] - read_up_to[begin] <= limit;
        if (fits) continue;
        largest = std::max(largest, read_up_to[places[n] + 1] - read_up_to[begin]);
        if (n + 1 < places.size()) cut.cost += sizes[program.steps[places[n]].result];
        cut.ends.push_back(places[n]);
        begin = places[n] + 1;
      }
      cut.cost += largest;
      if (cut.cost < best.cost) best = std::move(cut);
      if (places.size() > 200 && to > from + 50) break;  // deep networks: their blocks are alike
    }
  return best.ends;
}

std::vector<Action> training_actions(Program const& program, Keep keep,
                                     std::vector<std::int64_t> const& sizes) {
  std::vector<std::size_t> const ends = keep == Keep::segment_borders
                                            ? segment_ends(program, sizes)
                                            : std::vector{program.steps.size() - 1};
  Order order(program, keep);
  order.forget(ends);
  for (std::size_t n = ends.size(); n-- > 0;) {
    std::size_t const first = n == 0 ? 0 : ends[n - 1] + 1;
    if (keep == Keep::segment_borders) order.make_again(first, ends[n]);
    for (std::size_t s = ends[n] + 1; s-- > first;) order.backward(s);
  }
  return order.take();
}

}  // namespace crossjoule::runtime
