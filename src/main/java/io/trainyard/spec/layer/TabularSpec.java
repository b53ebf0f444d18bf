package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.bool;
import static io.trainyard.spec.description.MemberSchema.choice;
import static io.trainyard.spec.description.MemberSchema.integer;
import static io.trainyard.spec.description.MemberSchema.number;
import static io.trainyard.spec.description.MemberSchema.ref;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers for tables: features that are numbers of different kinds, and ensembles in one network.
 */
public sealed interface TabularSpec extends LayerSpec {
  /**
   * y = s ⊙ x over the last axis. Shapes: y is as x. Weights: weight [features], which starts at 1.
   * Source: Holzmüller et al. 2024, the scaling layer.
   */
  record FeatureScale(WeightRules rules) implements TabularSpec {
    static LayerSpec read(JsonObject layer) {
      return new FeatureScale(WeightRules.readSlope(layer, 1));
    }

    @Override
    public boolean isAffine() {
      return true;
    }

    @Override
    public boolean isRegularized(WeightSpec weight) {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.atLeast(1);
      int features = input.last();
      return new LayerShape(
          inputs.shapes(),
          input,
          List.of(inputs.weight("weight", rules.initializer(), features, features, features)),
          "as the input: " + input + "; parameters " + features,
          LayerCost.of(input.elements()));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("feature_scale", "Multiplies each feature by a learned number.")
          .formula("y = s·x, with one s per feature of the last axis, from 1")
          .shape("[..., features] → the same")
          .names(null, null, null)
          .source(
              "Holzmüller et al. 2024, *Better by Default*, the scaling layer; weights weight"
                  + " [features]")
          .member("initializer", ref("ScaleInitializer"), "The first numbers; 1 by default.")
          .member("regularizer", ref("Regularizer"), "Penalties on the numbers.")
          .member("constraint", ref("Constraint"), "A limit that every step keeps.")
          .input(4);
    }
  }

  /**
   * Each feature x becomes [W·cos(2π·f·x + b) + c, x]: dim − 1 numbers, and itself.
   *
   * <p>Shapes: x [features], y [features·dim], feature by feature. Weights: frequency and phase
   * [features, frequencies], f ~ N(0, sigma²) and b uniform in ±π at the start; weight [features,
   * dim − 1, frequencies] and bias [features, dim − 1], W and c uniform in ±1/√frequencies. Source:
   * Holzmüller et al. 2024, PBLD embeddings without their activation; Gorishniy et al. 2022.
   */
  record PeriodicEmbedding(int frequencies, double sigma, int dim) implements TabularSpec {
    private static final int MAX = 4096;
    private static final double MAX_SIGMA = 1e6;

    public PeriodicEmbedding {
      JsonObject.require(
          sigma > 0 && sigma <= MAX_SIGMA, "sigma must be above 0 and at most 1e6", sigma);
    }

    static @Nullable LayerSpec read(JsonObject layer) {
      int frequencies = layer.integer("frequencies", 16, 1, MAX);
      double sigma = layer.number("sigma", 0.1);
      int dim = layer.integer("dim", 4, 2, MAX);
      return layer.build(() -> new PeriodicEmbedding(frequencies, sigma, dim));
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.only();
      if (input.rank() != 1) {
        throw inputs.fault(
            "expects an input of features, [features], but '%s' gives %s"
                .formatted(inputs.firstName(), input));
      }
      int features = input.last();
      Shape output = Shape.of(Math.multiplyExact(features, dim));
      double bound = 1 / Math.sqrt(frequencies);
      InitializerSpec linear = new InitializerSpec.Uniform(-bound, bound);
      InitializerSpec circle = new InitializerSpec.Uniform(-Math.PI, Math.PI);
      InitializerSpec normal = new InitializerSpec.Normal(0, sigma);
      List<WeightSpec> weights =
          List.of(
              inputs.weight("frequency", normal, 1, frequencies, features, frequencies),
              inputs.weight("phase", circle, 1, frequencies, features, frequencies),
              inputs.weight("weight", linear, frequencies, dim, features, dim - 1, frequencies),
              inputs.weight("bias", linear, frequencies, dim, features, dim - 1));
      long waves = Math.multiplyExact((long) features, frequencies);
      long products = Math.multiplyExact(waves, dim - 1L);
      String formula =
          "%s → %s; parameters features·(2·frequencies + (dim − 1)·(frequencies + 1)) = %d·(2·%d + %d·%d) = %d"
              .formatted(
                  input,
                  output,
                  features,
                  frequencies,
                  dim - 1,
                  frequencies + 1,
                  features * (2L * frequencies + (dim - 1L) * (frequencies + 1L)));
      return new LayerShape(
          inputs.shapes(),
          output,
          weights,
          formula,
          LayerCost.of(Math.addExact(products, waves)).keeping(Math.multiplyExact(3, waves)));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "periodic_embedding",
              "Makes several numbers of each feature: learned waves, and the feature itself.")
          .formula(
              "each x becomes [W·cos(2π·f·x + b) + c, x]; f starts as N(0, sigma²), b uniform in"
                  + " ±π, W and c uniform in ±1/√frequencies")
          .shape("[features] → [features·dim], feature by feature")
          .names("rtdl_num_embeddings.PeriodicEmbeddings", null, null)
          .source(
              "Holzmüller et al. 2024, *Better by Default*, PBLD embeddings; Gorishniy et al. 2022;"
                  + " weights frequency and phase [features, frequencies], weight [features, dim −"
                  + " 1, frequencies], bias [features, dim − 1]")
          .member("frequencies", integer(1, PeriodicEmbedding.MAX).or(16), "Waves of each feature.")
          .member(
              "sigma",
              number().above(0).atMost(PeriodicEmbedding.MAX_SIGMA).or(0.1),
              "The standard deviation of the first frequencies.")
          .member(
              "dim",
              integer(2, PeriodicEmbedding.MAX).or(4),
              "Numbers for each feature, itself counted.")
          .input(4)
          .example("frequencies", 16)
          .example("sigma", 0.1)
          .example("dim", 4);
    }
  }

  /**
   * y = Σ_m x_m/members: what the members of an ensemble answer together.
   *
   * <p>Where it is an output, a training step has the mean of the members' losses, each of its own
   * values, so that each learns by itself; cross-entropies are computed from the members' logits.
   * Evaluations and predictions use y. The loss cox, which compares rows with one another, sees y
   * in training too.
   *
   * <p>Shapes: x [members, ...], y [...]. Source: Gorishniy et al. 2024.
   */
  record AverageMembers() implements TabularSpec {
    @Override
    public boolean isAffine() {
      return true;
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.atLeast(2);
      Shape output = new Shape(input.dims().subList(1, input.rank()));
      return inputs.weightless(
          output,
          "%s → %s: the mean of %d members".formatted(input, output, input.axis(0)),
          LayerCost.of(input.elements()));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "average_members",
              "The mean of an ensemble's members; the last layer, behind their softmax where they"
                  + " are classes.")
          .formula(
              "y = Σ_m x_m/members; a training step has the mean of the members' losses"
                  + " (cross-entropies from logits), val_loss, metrics and predictions use y")
          .shape("[members, ...] → [...]")
          .names("y.mean(1)", null, null)
          .source("Gorishniy et al. 2024, *TabM*")
          .input(3, 4);
    }
  }

  /** What the numbers that tell the members of an {@code ensemble_dense} apart start as. */
  enum Scaling {
    RANDOM_SIGNS,
    NORMAL,
    ONES
  }

  /**
   * A dense layer for each of several members, which share W and have numbers of their own: y_m =
   * activation(((x_m ⊙ r_m)·Wᵀ) ⊙ s_m + b_m). Without sharing y_m = activation(x_m·W_mᵀ + b_m).
   *
   * <p>Shapes: x [in], which all members read, or [members, in]; y [members, units]. Weights:
   * weight [units, in], r [members, in], which starts by the scaling, s [members, units], which
   * starts at 1, bias [members, units]; without sharing weight [members, units, in] and bias. The
   * biases of all members start equal. Source: Gorishniy et al. 2024; Wen, Tran and Ba 2020.
   */
  record EnsembleDense(
      int units,
      int members,
      boolean shared,
      Scaling scaling,
      ActivationSpec activation,
      WeightRules rules)
      implements TabularSpec {
    private static final int MAX_MEMBERS = 4096;

    static @Nullable LayerSpec read(JsonObject layer) {
      int units = layer.requiredInteger("units", 1, LayerTypes.MAX_UNITS);
      int members = layer.requiredInteger("members", 1, MAX_MEMBERS);
      boolean shared = layer.bool("shared", true);
      Scaling scaling = layer.choice("scaling", Scaling.RANDOM_SIGNS);
      if (!shared && layer.has("scaling")) {
        layer.violate("scaling", "It tells members apart that share weights; leave it out");
      }
      ActivationSpec activation = ActivationSpec.read(layer);
      WeightRules rules = WeightRules.read(layer, WeightRules.DEFAULT);
      if (!shared && rules.maxNorm() != null) {
        layer.violate("constraint", "It is for weights that the members share; leave it out");
      }
      return new EnsembleDense(units, members, shared, scaling, activation, rules);
    }

    @Override
    public boolean isAffine() {
      return true;
    }

    /** The matrix, not the numbers of the members. */
    @Override
    public boolean isRegularized(WeightSpec weight) {
      return weight.name().endsWith(".weight");
    }

    @Override
    public LayerShape infer(LayerInputs inputs) {
      Shape input = inputs.only();
      if (input.rank() != 1 && !(input.rank() == 2 && input.axis(0) == members)) {
        throw inputs.fault(
            "expects [features], or [%d, features] with a row for each member, but '%s' gives %s"
                .formatted(members, inputs.firstName(), input));
      }
      int in = input.last();
      Shape output = Shape.of(members, units);
      InitializerSpec bias = new InitializerSpec.EqualRows(rules.biasInitializer());
      List<WeightSpec> weights = new ArrayList<>();
      if (shared) {
        InitializerSpec apart =
            switch (scaling) {
              case RANDOM_SIGNS -> new InitializerSpec.RandomSigns();
              case NORMAL -> new InitializerSpec.Normal(0, 1);
              case ONES -> new InitializerSpec.Constant(1);
            };
        InitializerSpec one = new InitializerSpec.Constant(1);
        weights.add(inputs.weight("weight", rules.initializer(), in, units, units, in));
        weights.add(inputs.weight("r", apart, in, units, members, in));
        weights.add(inputs.weight("s", one, in, units, members, units));
      } else {
        weights.add(inputs.weight("weight", rules.initializer(), in, units, members, units, in));
      }
      weights.add(inputs.weight("bias", bias, in, units, members, units));
      long parameters = WeightSpec.elements(weights);
      long product = Math.multiplyExact(Math.multiplyExact((long) in, units), members);
      long inner = Math.multiplyExact((long) members, Math.addExact(in, units));
      return new LayerShape(
          inputs.shapes(),
          output,
          weights,
          shared
              ? "%s → %s; parameters in·units + members·(in + 2·units) = %d·%d + %d·(%d + 2·%d) = %d"
                  .formatted(input, output, in, units, members, in, units, parameters)
              : "%s → %s; parameters members·(in·units + units) = %d·(%d·%d + %d) = %d"
                  .formatted(input, output, members, in, units, units, parameters),
          LayerCost.of(product).keeping(inner));
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "ensemble_dense",
              "A dense layer for each of several members, which share most weights.")
          .formula(
              "member m: y = activation(((x ⊙ r_m)·Wᵀ) ⊙ s_m + b_m); without sharing y ="
                  + " activation(x·W_mᵀ + b_m)")
          .shape("[in] or [members, in] → [members, units]")
          .names("tabm.LinearBatchEnsemble", null, null)
          .source(
              "Gorishniy et al. 2024, *TabM*; Wen, Tran and Ba 2020; weights weight [units, in], r"
                  + " [members, in], s [members, units], bias [members, units]; without sharing"
                  + " weight [members, units, in] and bias")
          .member(
              "units", integer(1, LayerTypes.MAX_UNITS), "Numbers in the last axis of the output.")
          .member("members", integer(1, EnsembleDense.MAX_MEMBERS), "The members of the ensemble.")
          .member("shared", bool(true), "Whether the members share the matrix W.")
          .member(
              "scaling",
              choice("random_signs", "normal", "ones").or("random_signs"),
              "What r starts as, by which the members differ; for shared weights. s starts at 1,"
                  + " and all members' biases start equal.")
          .member("activation", ref("Activation").or("linear"), "Applied last.")
          .include("weights")
          .required("units", "members")
          .input(4)
          .example("units", 16)
          .example("members", 8)
          .example("activation", "relu");
    }
  }

  /** Its types by their names. */
  static void register(LayerTypes.Readers types) {
    types.add("feature_scale", FeatureScale::read);
    types.add("periodic_embedding", PeriodicEmbedding::read);
    types.add("ensemble_dense", EnsembleDense::read);
    types.add("average_members", _ -> new AverageMembers());
  }

  /** What callers are told of its types. */
  static Family family() {
    return Family.of(
        "layer",
        "Layers for tables",
        FeatureScale.described(),
        PeriodicEmbedding.described(),
        EnsembleDense.described(),
        AverageMembers.described());
  }
}
