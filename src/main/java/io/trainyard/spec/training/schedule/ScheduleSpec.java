package io.trainyard.spec.training.schedule;

import io.trainyard.json.JsonObject;
import io.trainyard.json.MemberReader;
import io.trainyard.spec.expression.NumberFormula;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the learning rate changes after the warm-up. In the formulas lr is the optimizer's learning
 * rate, t the epoch after the warm-up from 0, and T the number of these epochs. The rate is
 * constant within an epoch unless the schedule says otherwise.
 */
public sealed interface ScheduleSpec {
  /** The learning rate at a place of the training. */
  double rate(double base, Place place);

  /**
   * A step after the warm-up.
   *
   * @param epoch of the whole training, from 1
   * @param after t
   * @param epochs T
   * @param step in its epoch, from 0
   * @param steps of an epoch
   */
  record Place(int epoch, int after, int epochs, long step, long steps) {
    /** The share of the steps that are done. */
    double share() {
      return ((double) after * steps + step) / ((double) epochs * steps);
    }
  }

  /** Whether it changes within an epoch. */
  default boolean changesPerStep() {
    return false;
  }

  /** lr. */
  record Constant() implements ScheduleSpec {
    @Override
    public double rate(double base, Place place) {
      return base;
    }
  }

  /** lr·factor^⌊t/every⌋. Source: torch.optim.lr_scheduler.StepLR, whose gamma is factor. */
  record Step(int every, double factor) implements ScheduleSpec {
    public Step {
      Ranges.requireFactor(factor);
    }

    static @Nullable ScheduleSpec read(JsonObject step) {
      int every = step.requiredInteger("every", 1, Ranges.MAX_EPOCHS);
      double factor = step.number("factor", 0.1);
      return step.build(() -> new Step(every, factor));
    }

    @Override
    public double rate(double base, Place place) {
      return base * Math.pow(factor, Math.floorDiv(place.after(), every));
    }
  }

  /** lr·factorᵗ. Source: torch.optim.lr_scheduler.ExponentialLR, whose gamma is factor. */
  record Exponential(double factor) implements ScheduleSpec {
    public Exponential {
      Ranges.requireFactor(factor);
    }

    static @Nullable ScheduleSpec read(JsonObject exponential) {
      double factor = exponential.requiredNumber("factor");
      return Double.isNaN(factor) ? null : exponential.build(() -> new Exponential(factor));
    }

    @Override
    public double rate(double base, Place place) {
      return base * Math.pow(factor, place.after());
    }
  }

  /**
   * minimum + (lr − minimum)(1 + cos(πt/T))/2. Source: torch.optim.lr_scheduler.CosineAnnealingLR;
   * Loshchilov and Hutter 2017.
   */
  record Cosine(double minimum) implements ScheduleSpec {
    public Cosine {
      Ranges.requireRate("minimum", minimum);
    }

    static @Nullable ScheduleSpec read(JsonObject cosine) {
      double minimum = cosine.number("minimum", 0);
      return cosine.build(() -> new Cosine(minimum));
    }

    @Override
    public double rate(double base, Place place) {
      return Ranges.cosine(base, minimum, (double) place.after() / place.epochs());
    }
  }

  /**
   * end + (lr − end)(1 − t/T)^power. Source: torch.optim.lr_scheduler.PolynomialLR; Keras's
   * PolynomialDecay has an end too.
   */
  record Polynomial(double power, double end) implements ScheduleSpec {
    public Polynomial {
      JsonObject.require(power > 0 && power <= 100, "power must be in (0, 100]", power);
      Ranges.requireRate("end", end);
    }

    static @Nullable ScheduleSpec read(JsonObject polynomial) {
      double power = polynomial.number("power", 1);
      double end = polynomial.number("end", 0);
      return polynomial.build(() -> new Polynomial(power, end));
    }

    @Override
    public double rate(double base, Place place) {
      return end + (base - end) * Math.pow(1 - (double) place.after() / place.epochs(), power);
    }
  }

  /**
   * Per step: from lr to peak in the first share of the steps, then to lr/10000 at the last, both
   * along half a cosine. Source: torch.optim.lr_scheduler.OneCycleLR with div_factor peak/lr and
   * without cycle_momentum; Smith and Topin 2019.
   *
   * @param peak the largest learning rate
   * @param warmupFraction the share of the steps that lead to it
   */
  record OneCycle(double peak, double warmupFraction) implements ScheduleSpec {
    /** PyTorch's final_div_factor. */
    private static final double FALL = 1e4;

    public OneCycle {
      Ranges.requireRate("peak", peak);
      JsonObject.require(
          warmupFraction >= 0 && warmupFraction <= 1,
          "warmup_fraction must be in [0, 1]",
          warmupFraction);
    }

    static @Nullable ScheduleSpec read(JsonObject cycle) {
      double peak = cycle.requiredNumber("peak");
      double fraction = cycle.number("warmup_fraction", 0.3);
      return Double.isNaN(peak) ? null : cycle.build(() -> new OneCycle(peak, fraction));
    }

    @Override
    public boolean changesPerStep() {
      return true;
    }

    @Override
    public double rate(double base, Place place) {
      double total = (double) place.epochs() * place.steps();
      double step = (double) place.after() * place.steps() + place.step();
      double top = warmupFraction * total - 1;
      if (step <= top) {
        return Ranges.cosine(base, peak, top > 0 ? step / top : 1);
      }
      double end = total - 1;
      return Ranges.cosine(peak, base / FALL, end > top ? (step - top) / (end - top) : 1);
    }
  }

  /**
   * lr·factor^n after n of the epochs have ended, which are numbers of the whole training. Source:
   * torch.optim.lr_scheduler.MultiStepLR, whose milestones are epochs and gamma factor.
   *
   * @param epochs in ascending order
   */
  record MultiStep(List<Integer> epochs, double factor) implements ScheduleSpec {
    public MultiStep {
      epochs = List.copyOf(epochs);
      Ranges.requireFactor(factor);
      for (int i = 1; i < epochs.size(); i++) {
        if (epochs.get(i) <= epochs.get(i - 1)) {
          throw new IllegalArgumentException("epochs must be in ascending order, were " + epochs);
        }
      }
    }

    static @Nullable ScheduleSpec read(JsonObject steps) {
      List<Integer> epochs = steps.integers("epochs", 1, Ranges.MAX_EPOCHS);
      double factor = steps.number("factor", 0.1);
      if (epochs == null || epochs.isEmpty()) {
        steps.violate("epochs", "A list of epochs was expected, such as [30, 60]");
        return null;
      }
      return steps.build(() -> new MultiStep(epochs, factor));
    }

    @Override
    public double rate(double base, Place place) {
      long passed = epochs.stream().filter(epoch -> epoch < place.epoch()).count();
      return base * Math.pow(factor, (double) passed);
    }
  }

  /**
   * lr(1 + cos(πu/U))/2, where u counts the epochs since the last restart and U, the epochs between
   * two restarts, is at first the period and grows by the factor at each. Source:
   * torch.optim.lr_scheduler.CosineAnnealingWarmRestarts, whose T_0 is period and T_mult factor.
   */
  record CosineRestarts(int period, double factor) implements ScheduleSpec {
    public CosineRestarts {
      JsonObject.require(
          factor >= 1 && factor <= 1000,
          "factor, by which the period grows, must be in [1, 1000]",
          factor);
    }

    static @Nullable ScheduleSpec read(JsonObject restarts) {
      int period = restarts.requiredInteger("period", 1, Ranges.MAX_EPOCHS);
      double factor = restarts.number("factor", 1);
      return restarts.build(() -> new CosineRestarts(period, factor));
    }

    @Override
    public double rate(double base, Place place) {
      double length = period;
      double since = place.after();
      if (factor == 1) {
        since %= period;
      }
      while (since >= length) {
        since -= length;
        length *= factor;
      }
      return Ranges.cosine(base, 0, since / length);
    }
  }

  /**
   * Per step: lr·(1 − cos(2π·log₂(1 + (2^cycles − 1)·s/S)))/2 at step s of S, both counted after
   * the warm-up: waves that rise from 0 and come faster at first. Source: Holzmüller et al. 2024.
   *
   * @param cycles the number of waves
   */
  record CosLog(int cycles) implements ScheduleSpec {
    private static final int MAX_CYCLES = 30;

    static ScheduleSpec read(JsonObject coslog) {
      return new CosLog(coslog.integer("cycles", 4, 1, MAX_CYCLES));
    }

    @Override
    public boolean changesPerStep() {
      return true;
    }

    @Override
    public double rate(double base, Place place) {
      double waves = Math.log1p(((1L << cycles) - 1) * place.share()) / Math.log(2);
      return base * (1 - Math.cos(2 * Math.PI * waves)) / 2;
    }
  }

  /**
   * Per step: lr in the first half of the steps, then lr·(1 + cos(π(2s/S − 1)))/2 at step s of S,
   * both counted after the warm-up. Source: Holzmüller et al. 2024.
   */
  record FlatCosine() implements ScheduleSpec {
    @Override
    public boolean changesPerStep() {
      return true;
    }

    @Override
    public double rate(double base, Place place) {
      return place.share() < 0.5 ? base : Ranges.cosine(base, 0, 2 * place.share() - 1);
    }
  }

  /**
   * The value of an expression over {@code epoch}, the number of the epoch in its record, from 1.
   * It is the learning rate itself; the optimizer's is not used. Source: Keras's
   * LearningRateScheduler, whose epochs start at 0.
   */
  record Formula(NumberFormula formula) implements ScheduleSpec {
    static @Nullable ScheduleSpec read(JsonObject owner) {
      String text = owner.requiredText("expression");
      if (!owner.hasText("expression")) {
        return null;
      }
      NumberFormula formula =
          owner.build(owner.pointer("expression"), () -> NumberFormula.parse(text, "epoch"));
      return formula == null ? null : new Formula(formula);
    }

    @Override
    public double rate(double base, Place place) {
      return formula.of(place.epoch());
    }
  }

  /**
   * lr, multiplied by the factor whenever the monitored value has not improved by more than
   * min_delta in patience epochs; after that it has as many epochs again. Source: Keras's
   * ReduceLROnPlateau with cooldown 0. Epochs of the warm-up do not count. {@code LearningRate} of
   * {@code train} keeps its state.
   *
   * @param monitor a value of the epochs' records; metrics that rise are maximized
   */
  record ReduceOnPlateau(String monitor, double factor, int patience, double minDelta)
      implements ScheduleSpec {
    public ReduceOnPlateau {
      JsonObject.require(factor > 0 && factor < 1, "factor must be in (0, 1)", factor);
      JsonObject.require(minDelta >= 0, "min_delta must be at least 0", minDelta);
    }

    static @Nullable ScheduleSpec read(JsonObject plateau) {
      String monitor = plateau.text("monitor", "val_loss");
      double factor = plateau.number("factor", 0.1);
      int patience = plateau.integer("patience", 10, 1, Ranges.MAX_EPOCHS);
      double minDelta = plateau.number("min_delta", 1e-4);
      return plateau.build(() -> new ReduceOnPlateau(monitor, factor, patience, minDelta));
    }

    /** Before any reduction. */
    @Override
    public double rate(double base, Place place) {
      return base;
    }
  }

  /** The schedules by their names in JSON, in lower case. */
  enum Name {
    CONSTANT(_ -> new Constant()),
    STEP(Step::read),
    EXPONENTIAL(Exponential::read),
    COSINE(Cosine::read),
    POLYNOMIAL(Polynomial::read),
    ONE_CYCLE(OneCycle::read),
    MULTI_STEP(MultiStep::read),
    COSINE_RESTARTS(CosineRestarts::read),
    COSLOG(CosLog::read),
    FLAT_COSINE(_ -> new FlatCosine()),
    EXPRESSION(Formula::read),
    REDUCE_ON_PLATEAU(ReduceOnPlateau::read);

    @SuppressWarnings("ImmutableEnumChecker") // a reader has no state
    private final MemberReader<ScheduleSpec> reader;

    Name(MemberReader<ScheduleSpec> reader) {
      this.reader = reader;
    }

    MemberReader<ScheduleSpec> reader() {
      return reader;
    }
  }
}
