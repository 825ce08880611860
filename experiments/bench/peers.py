# SPDX-License-Identifier: BSD-3-Clause
"""Other engines running the two networks of the bench on one thread.

    python3 peers.py "ONNX Runtime"

answers timing requests as plan_server does: a line "infer|train svdd|autoencoder BATCH SECONDS" in,
a line "shortest median p99 calls" (seconds) out, or "none REASON" where the engine cannot do it.
Weights are random: times do not depend on them.
"""

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import numpy as np

SIZES = {"svdd": [76, 512, 256, 128, 13], "autoencoder": [57, 32, 16, 3, 16, 32, 57]}
ACTIVATION = {"svdd": "Elu", "autoencoder": "Relu"}


def weights(network):
    """(weight (out, in), bias) of every layer."""
    random = np.random.default_rng(1)
    sizes = SIZES[network]
    return [((random.uniform(-1.7, 1.7, (n, k)) / np.sqrt(k)).astype(np.float32),
             random.uniform(-0.1, 0.1, n).astype(np.float32)) for k, n in zip(sizes, sizes[1:])]


def batch_of(network, batch):
    return np.random.default_rng(2).uniform(-1, 1, (batch, SIZES[network][0])).astype(np.float32)


def onnx_model(network, batch):
    """The network as serialised ONNX: one Gemm per layer, an activation after all but the last."""
    from onnx import TensorProto, helper, numpy_helper
    nodes, constants, value = [], [], "input"
    layers = weights(network)
    for number, (weight, bias) in enumerate(layers):
        constants += [numpy_helper.from_array(weight, f"w{number}"),
                      numpy_helper.from_array(bias, f"b{number}")]
        last = number + 1 == len(layers)
        product = "output" if last else f"z{number}"
        nodes.append(helper.make_node("Gemm", [value, f"w{number}", f"b{number}"], [product], transB=1))
        if not last:
            value = f"a{number}"
            nodes.append(helper.make_node(ACTIVATION[network], [product], [value]))
    sizes = SIZES[network]
    graph = helper.make_graph(
        nodes, network,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, sizes[0]])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, sizes[-1]])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model.SerializeToString()


def timed(call, seconds):
    """Sorted seconds of each call, for about `seconds`, at least three; one before to warm up."""
    call()
    times, clock = [], time.perf_counter
    begin = now = clock()
    while now - begin < seconds or len(times) < 3:
        start = clock()
        call()
        now = clock()
        times.append(now - start)
    return sorted(times)


def onnx_runtime(task, network, batch):
    import onnxruntime as ort
    if task != "infer":
        return None
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(onnx_model(network, batch), options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_ortvalue_input("input", ort.OrtValue.ortvalue_from_numpy(batch_of(network, batch)))
    output = np.empty((batch, SIZES[network][-1]), np.float32)
    binding.bind_ortvalue_output("output", ort.OrtValue.ortvalue_from_numpy(output))
    return lambda: session.run_with_iobinding(binding)


def openvino(task, network, batch):
    import openvino as ov
    if task != "infer":
        return None
    core = ov.Core()
    compiled = core.compile_model(core.read_model(onnx_model(network, batch)), "CPU",
                                  {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY",
                                   "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(batch_of(network, batch), shared_memory=True))
    return request.infer


def torch_module(network):
    import torch
    torch.set_num_threads(1)
    layers = []
    for weight, bias in weights(network):
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data, linear.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
        layers += [linear, torch.nn.ELU() if network == "svdd" else torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def torch_call(task, network, batch, compiled):
    import torch
    module = torch_module(network)
    x = torch.from_numpy(batch_of(network, batch))
    run = torch.compile(module) if compiled else module
    if task == "infer":
        def infer():
            with torch.inference_mode():
                run(x)
        return infer
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3, foreach=True)

    def train():
        optimizer.zero_grad(set_to_none=True)
        y = run(x)
        loss = ((y - (0.25 if network == "svdd" else x)) ** 2).mean()
        loss.backward()
        optimizer.step()
    return train


def torch_eager(task, network, batch):
    return torch_call(task, network, batch, compiled=False)


def torch_compiled(task, network, batch):
    return torch_call(task, network, batch, compiled=True)


ENGINES = {"ONNX Runtime": onnx_runtime, "OpenVINO": openvino, "PyTorch": torch_eager,
           "PyTorch compiled": torch_compiled}


def answer(name, line, made):
    """One request; `made` keeps the call of the last case, which comes again in the next round."""
    task, network, batch, seconds = line.split()
    case = (task, network, int(batch))
    if case not in made:
        made.clear()
        made[case] = ENGINES[name](*case)
    if not made[case]:
        return f"none {name} does not {task}"
    times = timed(made[case], float(seconds))
    last = len(times) - 1
    return f"{times[0]:.9g} {times[last // 2]:.9g} {times[int(0.99 * last)]:.9g} {len(times)}"


def main():
    name, made = sys.argv[1], {}
    for line in sys.stdin:
        try:
            print(answer(name, line, made), flush=True)
        except Exception as problem:  # pylint: disable=broad-except  # any engine error: no figure
            reason = (str(problem).splitlines() or ["unknown"])[0]
            print(f"none {type(problem).__name__}: {reason}", flush=True)


if __name__ == "__main__":
    main()
