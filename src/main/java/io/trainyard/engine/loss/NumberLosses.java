package io.trainyard.engine.loss;

import io.trainyard.spec.training.NumberLoss;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The losses for numbers; {@link NumberLoss} has the formulas. */
final class NumberLosses {
  /** The least denominator, and what is added before a logarithm. */
  private static final double SMALL = 1e-7;

  private static final double LEAST_NORM = 1e-8;

  private NumberLosses() {}

  /** The loss; of {@link NumberLoss.Rmse} its square. */
  static Tensor of(NumberLoss loss, Compared compared, Averaging averaging) {
    Tensor p = predicted(loss, compared.output());
    Tensor t = Compared.matching(compared.target(), p);
    long reduction = averaging.reduction();
    return switch (loss) {
      case NumberLoss.Mse _, NumberLoss.Rmse _ -> torch.mse_loss(p, t, reduction);
      case NumberLoss.Mae _ -> torch.l1_loss(p, t, reduction);
      case NumberLoss.Sse _ -> averaging.of(byRow(torch.mse_loss(p, t, 0)));
      case NumberLoss.Huber huber -> torch.huber_loss(p, t, reduction, huber.delta());
      case NumberLoss.SmoothL1 smooth -> torch.smooth_l1_loss(p, t, reduction, smooth.beta());
      case NumberLoss.LogCosh _ -> averaging.of(logCosh(p.sub(t)));
      case NumberLoss.Mape _ ->
          averaging
              .of(p.sub(t).abs().div(t.abs().clamp_min(new Scalar(SMALL))))
              .mul(new Scalar(100.0));
      case NumberLoss.Msle _ -> torch.mse_loss(logOnePlus(p), logOnePlus(t), reduction);
      case NumberLoss.Quantile(double q) -> {
        Tensor e = t.sub(p);
        yield averaging.of(torch.maximum(e.mul(new Scalar(q)), e.mul(new Scalar(q - 1))));
      }
      case NumberLoss.GaussianNll _ -> {
        Tensor v = logVariances(compared.output());
        yield averaging.of(v.add(p.sub(t).square().mul(v.neg().exp()))).mul(new Scalar(0.5));
      }
      case NumberLoss.Poisson _ -> torch.poisson_nll_loss(p, t, false, false, SMALL, reduction);
      case NumberLoss.Cosine _ ->
          averaging.of(torch.cosine_similarity(p, t, -1, LEAST_NORM).neg().add(new Scalar(1.0)));
      case NumberLoss.Cox _ ->
          throw new IllegalArgumentException("cox compares rows with one another");
    };
  }

  /** The part of an output that predicts the target: the means, where it has variances too. */
  static Tensor predicted(NumberLoss loss, Tensor output) {
    return loss instanceof NumberLoss.GaussianNll
        ? output.narrow(-1, 0, output.size(-1) / 2)
        : output;
  }

  private static Tensor logVariances(Tensor output) {
    long half = output.size(-1) / 2;
    return output.narrow(-1, half, half);
  }

  /** The sum over all elements of each row. */
  private static Tensor byRow(Tensor elements) {
    return elements.flatten(1, -1).sum(1);
  }

  /** log cosh e = e + log(1 + exp(−2e)) − log 2, which does not overflow. */
  private static Tensor logCosh(Tensor e) {
    return e.add(torch.softplus(e.mul(new Scalar(-2.0)))).sub(new Scalar(Math.log(2)));
  }

  private static Tensor logOnePlus(Tensor x) {
    return x.clamp_min(new Scalar(SMALL)).log1p();
  }
}
