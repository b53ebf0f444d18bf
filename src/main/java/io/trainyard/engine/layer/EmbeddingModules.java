package io.trainyard.engine.layer;

import io.trainyard.engine.weights.NetworkWeights.LayerWeights;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.layer.EmbeddingSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Embedding: the weight's row for each index. */
final class EmbeddingModules {
  private EmbeddingModules() {}

  static LayerModule of(EmbeddingSpec spec, LayerWeights weights) {
    Tensor table = weights.tensor("weight");
    return (inputs, context) -> {
      Tensor given = inputs[0];
      if (given.is_cuda() && context.training()) {
        return unread(table, given, spec.vocabulary());
      }
      boolean isIndex = given.scalar_type().intern() == ScalarType.Long;
      Tensor indices = isIndex ? given : whole(given, spec.vocabulary());
      checkRange(indices, spec.vocabulary());
      return torch.embedding(table, indices);
    };
  }

  /**
   * The rows of indices that nobody reads: that would wait for the device. An index that does not
   * exist gives NaN, and so a loss that ends the training at this layer.
   */
  static Tensor unread(Tensor table, Tensor given, long vocabulary) {
    Tensor indices = given.to(ScalarType.Long);
    Tensor clamped =
        indices.clamp(
            new ScalarOptional(new Scalar(0L)), new ScalarOptional(new Scalar(vocabulary - 1)));
    Tensor wrong = clamped.ne(given).unsqueeze(-1);
    return torch.embedding(table, clamped).masked_fill(wrong, new Scalar(Double.NaN));
  }

  private static Tensor whole(Tensor given, long vocabulary) {
    Tensor indices = given.to(ScalarType.Long);
    if (!indices.to(given.scalar_type()).equal(given)) {
      throw new ServiceException(
          ErrorCode.INVALID_BODY,
          "An embedding of %d expects whole numbers from 0 to %d, got fractions"
              .formatted(vocabulary, vocabulary - 1));
    }
    return indices;
  }

  private static void checkRange(Tensor indices, long vocabulary) {
    long smallest = indices.min().item_long();
    long largest = indices.max().item_long();
    if (smallest < 0 || largest >= vocabulary) {
      throw new ServiceException(
          ErrorCode.INVALID_BODY,
          "An embedding of %d expects whole numbers from 0 to %d, got %d"
              .formatted(vocabulary, vocabulary - 1, smallest < 0 ? smallest : largest));
    }
  }
}
