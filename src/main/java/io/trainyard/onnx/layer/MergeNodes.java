package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.spec.layer.MergeSpec;
import java.util.List;

/** Layers that combine several inputs. */
final class MergeNodes {
  private MergeNodes() {}

  static Value of(MergeSpec spec, List<Value> values, LayerWriter to) {
    if (spec instanceof MergeSpec.Concat concat) {
      long axis = 1L + to.shape().output().place(concat.axis());
      boolean integers = values.stream().allMatch(Value::integers);
      List<String> joined =
          values.stream().map(value -> integers ? value.name() : to.toFloats(value)).toList();
      return new Value(to.node("Concat", joined, Attribute.of("axis", axis)), integers);
    }
    List<String> inputs = values.stream().map(to::toFloats).toList();
    return new Value(
        spec instanceof MergeSpec.Elementwise merge
            ? elementwise(merge.operation(), inputs, to)
            : to.node("MatMul", inputs),
        false);
  }

  private static String elementwise(
      MergeSpec.Operation operation, List<String> inputs, LayerWriter to) {
    String operator =
        switch (operation) {
          case ADD, AVERAGE -> "Add";
          case SUBTRACT -> "Sub";
          case MULTIPLY -> "Mul";
          case MAXIMUM -> "Max";
        };
    String result = inputs.getFirst();
    for (String input : inputs.subList(1, inputs.size())) {
      result = to.node(operator, List.of(result, input));
    }
    return operation == MergeSpec.Operation.AVERAGE
        ? to.node("Div", List.of(result, to.number(inputs.size())))
        : result;
  }
}
