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

/** The values of a {@link DenseChain} for one batch size, by layer. */
final class ChainBuffers implements AutoCloseable {
  private final NativeHandles handles = new NativeHandles();

  /**
   * Before the activations. The loss needs the last layer's, so its activation has other memory.
   */
  final List<Tensor> sums = new ArrayList<>();

  /** After the activations. An inner layer's activation overwrites its sums. */
  final List<Tensor> values = new ArrayList<>();

  /** ∂loss/∂sums. */
  final List<Tensor> gradients = new ArrayList<>();

  /** Transposed views of the gradients. */
  final List<Tensor> transposed = new ArrayList<>();

  private final Scalar perElement;
  private final Scalar twicePerElement;
  private final Scalar perRow;
  private final Tensor minusOnes;

  /** The current batch; it belongs to the scope of the current step. */
  @Nullable Tensor input;

  @Nullable Tensor target;

  ChainBuffers(int rows, List<DenseLink> links) {
    try (PointerScope scope = new PointerScope()) {
      for (int i = 0; i < links.size(); i++) {
        DenseLink link = links.get(i);
        boolean isLast = i == links.size() - 1;
        Tensor sum = handles.keep(torch.empty(rows, link.units()));
        sums.add(sum);
        boolean separate = isLast && link.activation() != Function.LINEAR;
        values.add(separate ? handles.keep(torch.empty(rows, link.units())) : sum);
        Tensor gradient = handles.keep(torch.empty(rows, link.units()));
        gradients.add(gradient);
        transposed.add(handles.keep(gradient.t()));
      }
      double elements = (double) rows * links.getLast().units();
      perElement = handles.keep(new Scalar((float) (1 / elements)));
      twicePerElement = handles.keep(new Scalar((float) (2 / elements)));
      perRow = handles.keep(new Scalar(1f / rows));
      minusOnes = handles.keep(torch.ones(rows, 1).neg());
    }
  }

  /**
   * The last layer's gradient. Mse: by its values, 2(y − t)/elements. Binary cross-entropy: by its
   * sums, (y − t)/elements. Categorical cross-entropy: by its sums, (y − onehot t)/rows.
   */
  void startGradient(LossSpec loss, Tensor output) {
    Tensor gradient = gradients.getLast();
    Tensor truth = Objects.requireNonNull(target);
    switch (loss) {
      case LossSpec.Mse _ -> torch.sub_out(gradient, output, truth).mul_(twicePerElement);
      case LossSpec.BinaryCrossentropy _ -> torch.sub_out(gradient, output, truth).mul_(perElement);
      case LossSpec.CategoricalCrossentropy _ ->
          gradient.copy_(output).scatter_add_(1, truth.unsqueeze(1), minusOnes).mul_(perRow);
      case LossSpec.Mae _ -> throw new IllegalStateException("a dense chain has no mae");
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
