"""The towers of CLIP as ONNX graphs, built node by node from the checkpoint's own tensors.

Two of each: `plain` has only standard operators, as an export writes them. `fused` has onnxruntime's attention operator, as
onnxruntime's transformer optimiser makes it. `int8` is onnxruntime's dynamic quantisation of whichever is faster there.
Shapes are fixed, eight pictures or the prompt at its true length, which suits the runtimes best.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BATCH = 8


class Graph:
    """Nodes and weights in the order they are added; each method gives the name of its output."""

    def __init__(self, is_fused=False):
        self.nodes, self.weights, self.is_fused = [], [], is_fused

    def put(self, values, name=None):
        name = name or f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def add(self, kind, *inputs, **settings):
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **settings))
        return name

    def number(self, value):
        return self.put(np.array(value, dtype=np.float32))

    def shape(self, *sides):
        return self.put(np.array(sides, dtype=np.int64))

    def linear(self, rows, weight, bias=None):
        product = self.add("MatMul", rows, self.put(weight.T))
        return product if bias is None else self.add("Add", product, self.put(bias))

    def norm(self, rows, weight, bias, epsilon=1e-5):
        return self.add("LayerNormalization", rows, self.put(weight), self.put(bias), epsilon=epsilon, axis=-1)

    def attention(self, query, key, value, heads, size, is_causal):
        """`size` is pictures or texts, rows, width."""
        if self.is_fused:
            return self.add("MultiHeadAttention", query, key, value, domain="com.microsoft", num_heads=heads,
                            unidirectional=int(is_causal))
        count, rows, width = size
        apart = self.shape(count, rows, heads, width // heads)
        query, value = (self.add("Transpose", self.add("Reshape", one, apart), perm=[0, 2, 1, 3]) for one in (query, value))
        key = self.add("Transpose", self.add("Reshape", key, apart), perm=[0, 2, 3, 1])
        query = self.add("Mul", query, self.number((width // heads) ** -0.5))
        scores = self.add("MatMul", query, key)
        if is_causal:
            hidden = np.triu(np.full((rows, rows), np.finfo(np.float32).min, dtype=np.float32), 1)
            scores = self.add("Add", scores, self.put(hidden[None, None]))
        mixed = self.add("MatMul", self.add("Softmax", scores, axis=-1), value)
        return self.add("Reshape", self.add("Transpose", mixed, perm=[0, 2, 1, 3]), self.shape(count, rows, width))

    def save(self, path, source, result):
        """`source` is the input's name, type and shape; `result` the output's name and shape."""
        name, kind, sides = source
        first = helper.make_tensor_value_info(name, kind, sides)
        nodes = self.nodes + [helper.make_node("Identity", [result[0]], ["embedding"], "embedding")]
        last = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, result[1])
        graph = helper.make_graph(nodes, "tower", [first], [last], self.weights)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets if self.is_fused else opsets[:1], ir_version=9), path)


def layers(graph, rows, weights, prefix, part, size, is_causal):
    for index in range(part["num_hidden_layers"]):
        def linear(inputs, name, prefix=f"{prefix}.encoder.layers.{index}"):
            return graph.linear(inputs, weights[f"{prefix}.{name}.weight"], weights[f"{prefix}.{name}.bias"])

        def norm(inputs, name, prefix=f"{prefix}.encoder.layers.{index}"):
            return graph.norm(inputs, weights[f"{prefix}.{name}.weight"], weights[f"{prefix}.{name}.bias"])

        inner = norm(rows, "layer_norm1")
        query, key, value = (linear(inner, f"self_attn.{name}_proj") for name in "qkv")
        mixed = graph.attention(query, key, value, part["num_attention_heads"], size, is_causal)
        rows = graph.add("Add", rows, linear(mixed, "self_attn.out_proj"))
        wide = linear(norm(rows, "layer_norm2"), "mlp.fc1")
        gate = graph.add("Sigmoid", graph.add("Mul", wide, graph.number(1.702)))
        rows = graph.add("Add", rows, linear(graph.add("Mul", wide, gate), "mlp.fc2"))
    return rows


def row(graph, rows, index):
    return graph.add("Gather", rows, graph.put(np.array(index, dtype=np.int64)), axis=1)


def image_tower(path, settings, weights, is_fused):
    graph, part = Graph(is_fused), settings["vision_config"]
    width, patch, side = part["hidden_size"], part["patch_size"], part["image_size"]
    count, at = (side // patch) ** 2, "vision_model.embeddings."
    kernel = graph.put(weights[at + "patch_embedding.weight"])
    patches = graph.add("Conv", "pixels", kernel, kernel_shape=[patch, patch], strides=[patch, patch])
    patches = graph.add("Reshape", patches, graph.shape(BATCH, width, count))
    patches = graph.add("Transpose", patches, perm=[0, 2, 1])
    first = np.broadcast_to(weights[at + "class_embedding"], (BATCH, 1, width))
    rows = graph.add("Concat", graph.put(first), patches, axis=1)
    rows = graph.add("Add", rows, graph.put(weights[at + "position_embedding.weight"][None]))
    rows = graph.norm(rows, weights["vision_model.pre_layrnorm.weight"], weights["vision_model.pre_layrnorm.bias"])
    rows = layers(graph, rows, weights, "vision_model", part, (BATCH, count + 1, width), False)
    last = graph.norm(row(graph, rows, 0), weights["vision_model.post_layernorm.weight"],
                      weights["vision_model.post_layernorm.bias"])
    last = graph.linear(last, weights["visual_projection.weight"])
    source = ("pixels", TensorProto.FLOAT, [BATCH, 3, side, side])
    graph.save(path, source, (last, [BATCH, settings["projection_dim"]]))


def text_tower(path, settings, weights, length, is_fused):
    graph, part = Graph(is_fused), settings["text_config"]
    at = "text_model.embeddings."
    rows = graph.add("Gather", graph.put(weights[at + "token_embedding.weight"]), "ids", axis=0)
    rows = graph.add("Add", rows, graph.put(weights[at + "position_embedding.weight"][None, :length]))
    rows = layers(graph, rows, weights, "text_model", part, (1, length, part["hidden_size"]), True)
    # The closing token is the last one, because nothing is padded.
    last = graph.norm(row(graph, rows, length - 1), weights["text_model.final_layer_norm.weight"],
                      weights["text_model.final_layer_norm.bias"])
    last = graph.linear(last, weights["text_projection.weight"])
    graph.save(path, ("ids", TensorProto.INT64, [1, length]), (last, [1, settings["projection_dim"]]))


def write_clip(folder, settings, weights, length):
    for kind in ("plain", "fused"):
        image_tower(folder / f"image-{kind}.onnx", settings, weights, kind == "fused")
        text_tower(folder / f"text-{kind}.onnx", settings, weights, length, kind == "fused")
    for tower in ("image", "text"):
        quantise(folder / f"{tower}-fused.onnx", folder / f"{tower}-int8.onnx")


def quantise(source, target):
    """Signed weights with one scale a column, unsigned activations, matrix products only."""
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError:
        return
    quantize_dynamic(source, target, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True,
                     extra_options={"DefaultTensorType": TensorProto.FLOAT})
