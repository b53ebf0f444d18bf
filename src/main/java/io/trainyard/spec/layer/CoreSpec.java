package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.anyOf;
import static io.trainyard.spec.description.MemberSchema.bool;
import static io.trainyard.spec.description.MemberSchema.choice;
import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.number;
import static io.trainyard.spec.description.MemberSchema.ref;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
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

    /** What callers are told of it. */
    static Described described() {
      return Described.as("dense", "Every output is a weighted sum of all inputs.")
          .formula("y = activation(x·Wᵀ + b) over the last axis")
          .shape("[..., in] → [..., units]")
          .names("torch.nn.Linear", "keras.layers.Dense", "fullyConnectedLayer")
          .source("PyTorch's Linear; weights weight [units, in], bias [units]")
          .member(
              "units", integer(1, LayerTypes.MAX_UNITS), "Numbers in the last axis of the output.")
          .member("activation", ref("Activation").or("linear"), "Applied last.")
          .member("bias", bool(true), "Whether a bias is added.")
          .member(
              "parametrization",
              choice("standard", "ntk").or("standard"),
              "With ntk y = activation(x·Wᵀ/√in + b), and W starts as N(0, 1).")
          .include("weights")
          .required("units")
          .input(4)
          .example("units", 16)
          .example("activation", "relu");
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

    /** What callers are told of it. */
    static Described described() {
      return Described.as("activation", "An activation and nothing else.")
          .formula("y = function(x)")
          .shape("[...] → the same")
          .names(
              "torch.nn.ReLU and others",
              "keras.layers.Activation",
              "functionLayer, reluLayer and others")
          .source("the function's page")
          .member("function", ref("Activation"), "The activation.")
          .member("alpha", number(), "The slope or scale; only for leaky_relu and elu.")
          .member(
              "learned",
              bool(false),
              "Whether it is x + a·(f(x) − x), with a weight a for each unit, from 1; not for"
                  + " linear, sigmoid, softmax, log_softmax and steps.")
          .required("function")
          .input(4)
          .example("function", "leaky_relu")
          .example("alpha", 0.1);
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

    /** What callers are told of it. */
    static Described described() {
      return Described.as("dropout", "Sets random elements to 0 in training.")
          .formula(
              "training: each x becomes 0 with probability rate, else x/(1 − rate); prediction: y ="
                  + " x")
          .shape("[...] → the same")
          .names("torch.nn.Dropout", "keras.layers.Dropout", "dropoutLayer")
          .source("Srivastava et al. 2014")
          .member(
              "rate",
              anyOf(number().atLeast(0).below(1), ref("ScheduledRate")),
              "The probability that an element becomes 0. A schedule lets it change.")
          .required("rate")
          .input(4)
          .example("rate", 0.2);
    }
  }

  /**
   * All axes of a row in one, row-major. Shapes: x [a, b, ...], y [a·b·...]. Source:
   * torch.nn.Flatten.
   */
  record Flatten() implements CoreSpec {
    @Override
    public boolean movesElements() {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.only();
      Shape output = Shape.of(Math.toIntExact(input.elements()));
      String product = input.dims().stream().map(String::valueOf).collect(Collectors.joining("·"));
      return inputs.weightless(output, product + " = " + output.last());
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("flatten", "All axes of a row in one, row-major.")
          .formula("y = the elements of x, the last axis fastest")
          .shape("[a, b, ...] → [a·b·...]")
          .names("torch.nn.Flatten", "keras.layers.Flatten", "flattenLayer")
          .source("PyTorch's Flatten")
          .input(4, 3);
    }
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("dense", Dense::read);
    types.add("activation", Activation::read);
    types.add("dropout", Dropout::read);
    types.add("flatten", _ -> new Flatten());
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Dense, activation, dropout, flatten",
        Dense.described(),
        Activation.described(),
        Dropout.described(),
        Flatten.described());
  }
}
