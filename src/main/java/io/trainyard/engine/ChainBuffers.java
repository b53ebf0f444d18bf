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

  /** A row of ones: its product with a gradient is the sum over the rows. */
  final Tensor rowOfOnes;

  /** The elements of the last gradient, and their squares. */
  private final Tensor errors;

  private final Tensor squares;
  private final Tensor sum;

  // Scalar tensors: a factor that is a number is made a tensor in every step.
  private final Tensor elements;
  private final Tensor perElement;
  private final Tensor twicePerElement;
  private final Tensor perRow;
  private final Tensor twicePerRow;
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
      double count = (double) rows * links.getLast().units();
      errors = handles.keep(gradients.getLast().view(-1));
      squares = handles.keep(torch.empty_like(errors));
      sum = factor(0);
      elements = factor(count);
      perElement = factor(1 / count);
      twicePerElement = factor(2 / count);
      perRow = factor(1.0 / rows);
      twicePerRow = factor(2.0 / rows);
      ones = handles.keep(torch.ones(rows, 1));
      rowOfOnes = handles.keep(ones.view(1, rows));
      minusOnes = handles.keep(ones.neg());
    }
  }

  private Tensor factor(double number) {
    long[] noAxes = {};
    return handles.keep(torch.full(noAxes, new Scalar((float) number)));
  }

  /**
   * The mean of e² with e = y − t, as libtorch computes it; e stays in place of the last layer's
   * gradient.
   */
  Tensor meanSquare(Tensor output) {
    torch.sub_out(gradients.getLast(), output, Objects.requireNonNull(target));
    torch.mul_out(squares, errors, errors);
    return torch.sum_out(sum, squares, 0).div_(elements);
  }

  /** Whether {@link #meanSquare} is a loss of the current batch. */
  boolean hasMeanSquare(LossSpec loss) {
    return weights == null && loss instanceof NumberLoss.Mse;
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
      case NumberLoss.Mse _ -> {
        if (!hasMeanSquare(loss)) {
          torch.sub_out(gradient, output, truth);
        }
        gradient.mul_(twicePerElement);
      }
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
