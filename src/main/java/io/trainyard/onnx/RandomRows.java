package io.trainyard.onnx;

import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Random rows for a network's inputs. */
final class RandomRows {
  private static final int MOST = 100;

  private RandomRows() {}

  /**
   * Standard normal numbers, and indices that every embedding knows.
   *
   * @param draw from 1; each draws other numbers
   */
  static Map<String, HostTensor> of(NetworkSpec network, NetworkShapes shapes, int rows, int draw) {
    SplittableRandom random = new SplittableRandom((long) MOST * (draw - 1) + 1 + rows);
    int vocabulary =
        network.layers().stream()
            .mapToInt(
                layer ->
                    layer.spec() instanceof EmbeddingSpec embedding
                        ? embedding.vocabulary()
                        : Integer.MAX_VALUE)
            .min()
            .orElse(1);
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    for (String name : network.inputNames()) {
      Shape shape = shapes.of(name).batched(rows);
      boolean integers = network.readsIndices(name);
      boolean whole = integers || network.leadsToEmbedding(name);
      HostTensor tensor =
          HostTensor.allocate(integers ? ElementType.INT64 : ElementType.FLOAT32, shape);
      for (long i = 0; i < shape.elements(); i++) {
        if (integers) {
          tensor.setLong(i, random.nextInt(vocabulary));
        } else {
          tensor.setFloat(i, whole ? random.nextInt(vocabulary) : (float) random.nextGaussian());
        }
      }
      inputs.put(name, tensor);
    }
    return inputs;
  }
}
