package io.trainyard.engine;

import io.trainyard.engine.loss.Losses;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.ExpressionLoss;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
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
  /** libtorch's number for a loss that is a mean. */
  private static final long MEAN = 1;

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
  private final Scalar twicePerRow;
  private final Tensor ones;
  private final Tensor minusOnes;

  /** The current batch; it belongs to the scope of the current step. */
  @Nullable Tensor input;

  @Nullable Tensor target;

  /** Of the batch's rows; null: every row counts the same. */
  @Nullable Tensor weights;

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
      twicePerRow = handles.keep(new Scalar(2f / rows));
      ones = handles.keep(torch.ones(rows, 1));
      minusOnes = handles.keep(ones.neg());
    }
  }

  /**
   * The last layer's gradient. By its values, with e = y − t: mse 2e/elements, mae sign e/elements,
   * sse 2e/rows. By its sums: binary cross-entropy (y − t)/elements, categorical cross-entropy (y −
   * onehot t)/rows. With weights, a row's gradient is weight·rows/Σ weight times that.
   */
  void startGradient(LossSpec loss, Tensor output) {
    Tensor gradient = gradients.getLast();
    Tensor truth = Objects.requireNonNull(target);
    switch (loss) {
      case NumberLoss.Mse _ -> torch.sub_out(gradient, output, truth).mul_(twicePerElement);
      case NumberLoss.Mae _ -> torch.sub_out(gradient, output, truth).sign_().mul_(perElement);
      case NumberLoss.Sse _ -> torch.sub_out(gradient, output, truth).mul_(twicePerRow);
      case NumberLoss.Huber(double delta) ->
          torch.huber_loss_backward_out(gradient, ones, output, truth, MEAN, delta);
      case NumberLoss.SmoothL1(double beta) ->
          torch.smooth_l1_loss_backward_out(gradient, ones, output, truth, MEAN, beta);
      case ClassLoss.BinaryCrossentropy binary -> {
        double smoothing = binary.labelSmoothing();
        if (smoothing > 0) {
          torch
              .sub_out(gradient, output, truth, new Scalar(1 - smoothing))
              .sub_(new Scalar(smoothing / 2));
        } else {
          torch.sub_out(gradient, output, truth);
        }
        gradient.mul_(perElement);
      }
      case ClassLoss.CategoricalCrossentropy categorical -> {
        double smoothing = categorical.labelSmoothing();
        gradient.copy_(output);
        if (smoothing > 0) {
          gradient.sub_(new Scalar(smoothing / output.size(1)));
        }
        Tensor label = smoothing > 0 ? ones.mul(new Scalar(smoothing - 1)) : minusOnes;
        gradient.scatter_add_(1, truth.unsqueeze(1), label).mul_(perRow);
      }
      case NumberLoss _, ClassLoss _, ExpressionLoss _ ->
          throw new IllegalStateException("a dense chain has no " + loss.type());
    }
    if (weights != null) {
      Tensor share = weights.mul(new Scalar((double) weights.size(0))).div(Losses.sumOf(weights));
      gradient.mul_(share.unsqueeze(1));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
