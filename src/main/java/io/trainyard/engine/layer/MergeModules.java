package io.trainyard.engine.layer;

import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.MergeSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Layers that combine several inputs. */
final class MergeModules {
  private MergeModules() {}

  static LayerModule of(MergeSpec spec, LayerShape shape) {
    return switch (spec) {
      case MergeSpec.Concat concat -> {
        long axis = shape.output().place(concat.axis());
        yield (inputs, context) -> torch.cat(new TensorVector(inputs), axis + 1);
      }
      case MergeSpec.Elementwise merge ->
          (inputs, context) -> elementwise(merge.operation(), inputs);
      case MergeSpec.Matmul _ -> (inputs, context) -> torch.matmul(inputs[0], inputs[1]);
    };
  }

  private static Tensor elementwise(MergeSpec.Operation operation, Tensor[] inputs) {
    Tensor result = inputs[0];
    for (int i = 1; i < inputs.length; i++) {
      result =
          switch (operation) {
            case ADD, AVERAGE -> result.add(inputs[i]);
            case SUBTRACT -> result.sub(inputs[i]);
            case MULTIPLY -> result.mul(inputs[i]);
            case MAXIMUM -> torch.maximum(result, inputs[i]);
          };
    }
    return operation == MergeSpec.Operation.AVERAGE
        ? result.div(new Scalar((double) inputs.length))
        : result;
  }
}
