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
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Layers that treat each element alone: prelu and normalize. */
final class ElementwiseModules {
  private ElementwiseModules() {}

  static LayerModule of(ElementwiseSpec spec, LayerShape shape, LayerWeights weights) {
    return switch (spec) {
      case ElementwiseSpec.PRelu _ -> {
        Tensor weight = weights.tensor("weight");
        yield (inputs, context) -> torch.prelu(inputs[0], weight);
      }
      case ElementwiseSpec.Normalize normalize -> normalize(normalize, shape.output());
    };
  }

  private static LayerModule normalize(ElementwiseSpec.Normalize spec, Shape row) {
    HostTensor mean = perChannel(spec.mean(), spec.dataFormat(), row);
    HostTensor std = perChannel(spec.std(), spec.dataFormat(), row);
    return (inputs, context) -> inputs[0].sub(like(mean, inputs[0])).div(like(std, inputs[0]));
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

  private static Tensor like(HostTensor numbers, Tensor x) {
    Tensor view = TensorConversion.view(numbers);
    return x.is_cuda() || x.scalar_type().intern() != ScalarType.Float
        ? view.to(x.device(), x.scalar_type())
        : view;
  }
}
