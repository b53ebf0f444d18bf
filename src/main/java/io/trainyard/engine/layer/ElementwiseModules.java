package io.trainyard.engine.layer;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Layers that treat each element alone: prelu and normalize. */
final class ElementwiseModules {
  private ElementwiseModules() {}

  static LayerModule of(ElementwiseSpec spec, LayerShape shape, LayerWeights weights) {
    return switch (spec) {
      case ElementwiseSpec.PRelu prelu -> {
        Tensor weight = weights.tensor("weight");
        if (!prelu.perChannel()) {
          yield (inputs, context) -> torch.prelu(inputs[0], weight);
        }
        // torch.prelu has the channels behind the batch.
        int axis = 1 + prelu.dataFormat().channelAxis(shape.output());
        yield (inputs, context) -> {
          Tensor moved = inputs[0].movedim(axis, 1);
          return torch.prelu(moved, weight).movedim(1, axis);
        };
      }
      case ElementwiseSpec.Normalize normalize -> normalize(normalize, shape.output(), weights);
    };
  }

  private static LayerModule normalize(
      ElementwiseSpec.Normalize spec, Shape row, LayerWeights weights) {
    Constant mean = new Constant(perChannel(spec.mean(), spec.dataFormat(), row), weights);
    Constant std = new Constant(perChannel(spec.std(), spec.dataFormat(), row), weights);
    return (inputs, context) -> inputs[0].sub(mean.like(inputs[0])).div(std.like(inputs[0]));
  }

  /** One number per channel, shaped to broadcast over a batch. */
  private static HostTensor perChannel(List<Double> numbers, DataFormat format, Shape row) {
    int[] dims = new int[row.rank() + 1];
    Arrays.fill(dims, 1);
    dims[1 + format.channelAxis(row)] = numbers.size();
    float[] elements = new float[numbers.size()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = numbers.get(i).floatValue();
    }
    return HostTensor.ofFloats(Shape.of(dims), elements);
  }

  /** Numbers of a layer that its weights keep on their device. */
  private static final class Constant {
    private final HostTensor numbers;
    private final LayerWeights weights;
    private @Nullable Tensor onDevice;

    Constant(HostTensor numbers, LayerWeights weights) {
      this.numbers = numbers;
      this.weights = weights;
    }

    /** In the type and on the device of x. */
    Tensor like(Tensor x) {
      Tensor own = x.is_cuda() ? onDevice(x) : TensorConversion.view(numbers);
      return TensorConversion.as(x.scalar_type().intern(), own);
    }

    /** A copy at every step would wait for the device. */
    private Tensor onDevice(Tensor x) {
      Tensor kept = onDevice;
      if (kept == null) {
        Tensor view = TensorConversion.view(numbers);
        kept = weights.keep(view.to(x.device(), view.scalar_type()));
        onDevice = kept;
      }
      return kept;
    }
  }
}
