package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.number;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers that scale numbers to mean 0 and variance 1, and then scale and shift them by learned
 * weights. All keep their input's shape.
 *
 * <p>y = (x − μ)/√(σ² + epsilon)·weight + bias, where σ² divides by n.
 */
public sealed interface NormSpec extends LayerSpec {
  double epsilon();

  /** The scales, not the biases. */
  @Override
  default boolean isRegularized(WeightSpec weight) {
    return weight.trained() && weight.name().endsWith(".weight");
  }

  /**
   * μ and σ² per channel, over the batch and all other axes.
   *
   * <p>In training they are the batch's. The running values move towards them by momentum, the new
   * batch's share; the running variance divides by n − 1. At prediction, or for a batch with one
   * number per channel, μ and σ² are the running values.
   *
   * <p>Weights: weight and bias [channels]; stored but not trained: running_mean and running_var
   * [channels], num_batches_tracked []. Source: torch.nn.BatchNorm1d to BatchNorm3d.
   */
  record BatchNorm(double momentum, double epsilon, DataFormat dataFormat, WeightRules rules)
      implements NormSpec {
    public BatchNorm {
      JsonObject.require(momentum > 0 && momentum <= 1, "momentum must be in (0, 1]", momentum);
      requireEpsilon(epsilon);
    }

    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      double momentum = layer.number("momentum", 0.1);
      double epsilon = readEpsilon(layer);
      DataFormat own = layer.choice("data_format", format);
      WeightRules rules = WeightRules.readScale(layer, 1);
      return layer.build(() -> new BatchNorm(momentum, epsilon, own, rules));
    }

    @Override
    public boolean isAffine() {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      int channels = dataFormat.channels(inputs.atLeast(1));
      List<WeightSpec> weights = new ArrayList<>(scaleAndShift(channels, rules, inputs));
      weights.add(inputs.statistic("running_mean", ElementType.FLOAT32, 0, channels));
      weights.add(inputs.statistic("running_var", ElementType.FLOAT32, 1, channels));
      weights.add(inputs.statistic("num_batches_tracked", ElementType.INT64, 0));
      String statistics = " (and %d running statistics)".formatted(2L * channels);
      return shape(weights, formula(channels, inputs) + statistics, inputs);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "batch_norm", "Scales each channel to mean 0 and variance 1 over the batch.")
          .formula(
              "y = (x − μ)/√(σ² + ε)·weight + bias, with the batch's μ and σ² in training and"
                  + " running ones at prediction; running ← (1 − momentum)·running +"
                  + " momentum·batch")
          .shape("[..., channels] → the same")
          .names(
              "torch.nn.BatchNorm2d",
              "keras.layers.BatchNormalization (momentum 0.99 there is 0.01 here)",
              "batchNormalizationLayer")
          .source("Ioffe and Szegedy 2015; PyTorch's BatchNorm")
          .member(
              "momentum",
              number().above(0).atMost(1).or(0.1),
              "The new batch's share of the running values.")
          .member("epsilon", number().above(0).below(1).or(1e-5), "Added to the variance.")
          .member("data_format", LayerTypes.dataFormat())
          .include("scale")
          .input(8, 8, 4);
    }
  }

  /**
   * μ and σ² over the last axis, for each place of a row.
   *
   * <p>Weights: weight and bias [last axis]. Source: torch.nn.LayerNorm.
   */
  record LayerNorm(double epsilon, WeightRules rules) implements NormSpec {
    public LayerNorm {
      requireEpsilon(epsilon);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      double epsilon = readEpsilon(layer);
      WeightRules rules = WeightRules.readScale(layer, 1);
      return layer.build(() -> new LayerNorm(epsilon, rules));
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      return scaled(inputs.atLeast(1).last(), rules, inputs);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "layer_norm", "Scales the last axis of each place to mean 0 and variance 1.")
          .formula("y = (x − μ)/√(σ² + ε)·weight + bias over the last axis")
          .shape("[..., n] → the same")
          .names("torch.nn.LayerNorm", "keras.layers.LayerNormalization", "layerNormalizationLayer")
          .source("Ba, Kiros and Hinton 2016")
          .member("epsilon", number().above(0).below(1).or(1e-5), "Added to the variance.")
          .include("scale")
          .input(10, 8);
    }
  }

  /**
   * μ and σ² per row over each group of channels and all other axes; scaled and shifted per
   * channel.
   *
   * <p>Weights: weight and bias [channels]. Source: torch.nn.GroupNorm.
   */
  record GroupNorm(int groups, double epsilon, DataFormat dataFormat, WeightRules rules)
      implements NormSpec {
    public GroupNorm {
      requireEpsilon(epsilon);
    }

    static @Nullable LayerSpec read(JsonObject layer, DataFormat format) {
      int groups = layer.requiredInteger("groups", 1, LayerTypes.MAX_UNITS);
      double epsilon = readEpsilon(layer);
      DataFormat own = layer.choice("data_format", format);
      WeightRules rules = WeightRules.readScale(layer, 1);
      return layer.build(() -> new GroupNorm(groups, epsilon, own, rules));
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      int channels = dataFormat.channels(inputs.atLeast(1));
      if (channels % groups != 0) {
        throw inputs.fault(
            "has %d groups, which must divide its %d channels".formatted(groups, channels));
      }
      LayerShape shape = scaled(channels, rules, inputs);
      // Channels-last rows are copied into the other layout, and back.
      return dataFormat == DataFormat.CHANNELS_LAST
          ? shape.keeping(Math.multiplyExact(2, inputs.only().elements()))
          : shape;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "group_norm", "Scales groups of channels of each row to mean 0 and variance 1.")
          .formula("y = (x − μ)/√(σ² + ε)·weight + bias over a group's channels and all other axes")
          .shape("[..., channels] → the same")
          .names("torch.nn.GroupNorm", "keras.layers.GroupNormalization", "groupNormalizationLayer")
          .source("Wu and He 2018")
          .member(
              "groups",
              integer(1, LayerTypes.MAX_UNITS),
              "Groups of channels; divides their number.")
          .member("epsilon", number().above(0).below(1).or(1e-5), "Added to the variance.")
          .member("data_format", LayerTypes.dataFormat())
          .include("scale")
          .required("groups")
          .input(8, 8, 4)
          .example("groups", 2);
    }
  }

  /** PyTorch's default for all of them is 1e-5. */
  private static double readEpsilon(JsonObject layer) {
    return layer.number("epsilon", 1e-5);
  }

  private static void requireEpsilon(double epsilon) {
    JsonObject.require(epsilon > 0 && epsilon < 1, "epsilon must be in (0, 1)", epsilon);
  }

  private static LayerShape scaled(int features, WeightRules rules, LayerInputs inputs) {
    return shape(scaleAndShift(features, rules, inputs), formula(features, inputs), inputs);
  }

  private static List<WeightSpec> scaleAndShift(
      int features, WeightRules rules, LayerInputs inputs) {
    return List.of(
        inputs.weight("weight", rules.initializer(), features, features, features),
        inputs.weight("bias", rules.biasInitializer(), features, features, features));
  }

  private static String formula(int features, LayerInputs inputs) {
    return "as the input: %s; parameters 2·features = 2·%d = %d"
        .formatted(inputs.only(), features, 2L * features);
  }

  private static LayerShape shape(List<WeightSpec> weights, String formula, LayerInputs inputs) {
    Shape input = inputs.only();
    return new LayerShape(inputs.shapes(), input, weights, formula, LayerCost.of(input.elements()));
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("batch_norm", BatchNorm::read);
    types.add("layer_norm", LayerNorm::read);
    types.add("group_norm", GroupNorm::read);
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Normalizations",
        BatchNorm.described(),
        LayerNorm.described(),
        GroupNorm.described());
  }
}
