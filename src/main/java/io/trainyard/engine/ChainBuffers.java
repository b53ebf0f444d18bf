package io.trainyard.engine;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A {@link DenseChain}'s values for one size of batch, by layer. */
final class ChainBuffers implements AutoCloseable {
  private final NativeHandles retained = new NativeHandles();

  /** Before the activations; the last layer's logits are still needed after its activation. */
  final List<Tensor> sums = new ArrayList<>();

  /** After the activations. The inner layers' take the place of their sums. */
  final List<Tensor> values = new ArrayList<>();

  /** ∂loss/∂sums, and the same memory transposed. */
  final List<Tensor> gradients = new ArrayList<>();

  final List<Tensor> transposed = new ArrayList<>();

  private final Scalar perElement;
  private final Scalar twicePerElement;
  private final Scalar perRow;
  private final Tensor minusOnes;

  /** The batch, in the scope of the step under way. */
  @Nullable Tensor input;

  @Nullable Tensor target;

  ChainBuffers(int rows, List<DenseLink> links) {
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < links.size(); i++) {
        DenseLink link = links.get(i);
        boolean isLast = i == links.size() - 1;
        Tensor sum = retained.keep(torch.empty(rows, link.units()));
        sums.add(sum);
        boolean apart = isLast && link.activation() != Function.LINEAR;
        values.add(apart ? retained.keep(torch.empty(rows, link.units())) : sum);
        Tensor gradient = retained.keep(torch.empty(rows, link.units()));
        gradients.add(gradient);
        transposed.add(retained.keep(gradient.t()));
      }
      double elements = (double) rows * links.getLast().units();
      perElement = retained.keep(new Scalar((float) (1 / elements)));
      twicePerElement = retained.keep(new Scalar((float) (2 / elements)));
      perRow = retained.keep(new Scalar(1f / rows));
      minusOnes = retained.keep(torch.ones(rows, 1).neg());
    }
  }

  /**
   * The last layer's gradient to start from: for mse with respect to its values, 2(y − t)/elements;
   * for cross-entropies with respect to its sums, (y − t)/elements and (y − onehot t)/rows.
   */
  void startGradient(LossSpec loss, Tensor output) {
    Tensor gradient = gradients.getLast();
    Tensor truth = Objects.requireNonNull(target);
    switch (loss) {
      case LossSpec.Mse mse -> torch.sub_out(gradient, output, truth).mul_(twicePerElement);
      case LossSpec.BinaryCrossentropy binary ->
          torch.sub_out(gradient, output, truth).mul_(perElement);
      default -> gradient.copy_(output).scatter_add_(1, truth.unsqueeze(1), minusOnes).mul_(perRow);
    }
  }

  @Override
  public void close() {
    retained.close();
  }
}
