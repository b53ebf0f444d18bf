package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The layers of every plain network: dense, activation, dropout, flatten. */
public sealed interface CoreSpec extends LayerSpec {
  @Override
  default boolean isAffine() {
    return true;
  }

  /**
   * y = activation(x·Wᵀ + b) over the last axis of any rank; with the parametrization ntk y =
   * activation(x·Wᵀ/√in + b), where W starts as N(0, 1).
   *
   * <p>Shapes: x [..., in], y [..., units]. Weights: weight [units, in], bias [units]. Source:
   * torch.nn.Linear.
   */
  record Dense(
      int units,
      ActivationSpec activation,
      boolean bias,
      Parametrization parametrization,
      WeightRules rules)
      implements CoreSpec {
    /** How the weights act. */
    public enum Parametrization {
      STANDARD,
      /** Divided by √in. Source: Jacot, Gabriel and Hongler 2018. */
      NTK
    }

    private static final WeightRules NTK_RULES =
        WeightRules.DEFAULT.withInitializer(new InitializerSpec.Normal(0, 1));

    /** What the weighted sums are multiplied by; 1 for most layers. */
    public double factor(int in) {
      return parametrization == Parametrization.NTK ? 1 / Math.sqrt(in) : 1;
    }

    public boolean isPlain() {
      return parametrization == Parametrization.STANDARD && !activation.learned();
    }

    public Dense {
      JsonObject.require(units >= 1, "units must be at least 1", units);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      JsonNode list = layer.get("units");
      boolean several = list != null && list.isArray();
      if (several) {
        layer.violate(
            "units", "A whole number was expected, got a list; write one layer for each number");
      }
      int units = several ? 1 : layer.requiredInteger("units", 1, LayerTypes.MAX_UNITS);
      ActivationSpec activation = ActivationSpec.read(layer);
      boolean bias = layer.bool("bias", true);
      Parametrization parametrization = layer.choice("parametrization", Parametrization.STANDARD);
      boolean ntk = parametrization == Parametrization.NTK;
      WeightRules rules = WeightRules.readOfDense(layer, ntk ? NTK_RULES : WeightRules.DEFAULT);
      return layer.build(() -> new Dense(units, activation, bias, parametrization, rules));
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.atLeast(1);
      int in = input.last();
      List<WeightSpec> weights = new ArrayList<>();
      weights.add(inputs.weight("weight", rules.initializer(), in, units, units, in));
      if (bias) {
        weights.add(inputs.weight("bias", rules.biasInitializer(), in, units, units));
      }
      Shape output = input.withLast(units);
      long product = Math.multiplyExact((long) in, units);
      String formula =
          bias
              ? "%s → %s; parameters in·units + units = %d·%d + %d = %d"
                  .formatted(input, output, in, units, units, product + units)
              : "%s → %s; parameters in·units = %d·%d = %d"
                  .formatted(input, output, in, units, product);
      long multiplyAdds = Math.multiplyExact(product, input.elements() / in);
      return new LayerShape(inputs.shapes(), output, weights, formula, LayerCost.of(multiplyAdds));
    }
  }

  /** y = f(x), elementwise or over the last axis. Shapes: y is as x. */
  record Activation(ActivationSpec activation) implements CoreSpec {
    static LayerSpec read(JsonObject layer) {
      if (!layer.has("function")) {
        layer.requiredText("function");
      }
      ActivationSpec function = ActivationSpec.read(layer, "function");
      return new Activation(function.with(layer));
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      if (activation.runsAlongAxis() && inputs.only().rank() == 0) {
        throw inputs.fault("applies softmax along the last axis, but its input has none");
      }
      return inputs.unchanged();
    }
  }

  /**
   * In training each element becomes 0 with probability rate, else x/(1 − rate). At prediction y =
   * x; where a prediction is sampled, a rate with a schedule has its value. Shapes: y is as x.
   * Source: torch.nn.Dropout.
   */
  record Dropout(ScheduledNumber rate) implements CoreSpec {
    public Dropout {
      double most = rate.value();
      if (!(most >= 0 && most < 1)) {
        throw new IllegalArgumentException(
            "rate must be in [0, 1), was " + most + NameAdvice.percent(most));
      }
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      ScheduledNumber rate = ScheduledNumber.read(layer, "rate", Double.NaN);
      return Double.isNaN(rate.value())
          ? null
          : layer.build(layer.pointer("rate"), () -> new Dropout(rate));
    }

    @Override
    public boolean isSampled() {
      return rate.value() > 0;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      return inputs.unchanged(LayerCost.NONE.keepingInTraining(inputs.only().elements()));
    }
  }

  /**
   * All axes of a row in one, row-major. Shapes: x [a, b, ...], y [a·b·...]. Source:
   * torch.nn.Flatten.
   */
  record Flatten() implements CoreSpec {
    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.only();
      Shape output = Shape.of(Math.toIntExact(input.elements()));
      String product = input.dims().stream().map(String::valueOf).collect(Collectors.joining("·"));
      return inputs.weightless(output, product + " = " + output.last());
    }
  }
}
