package io.trainyard.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a version except its weights: spec, encoding and shapes.
 *
 * @param encoding null for a model that takes tensors
 */
public record VersionDefinition(ModelSpec spec, @Nullable Encoding encoding, NetworkShapes shapes) {
  /** The definition of a stored version, which is known to be valid. */
  public static VersionDefinition of(ModelVersion version) {
    ModelSpec spec = version.modelSpec();
    Encoding encoding = version.learnedEncoding();
    Violations violations = new Violations();
    NetworkShapes shapes =
        ShapeInference.infer(
            spec.network(), inputShapes(spec, encoding), "/spec/network", violations);
    violations.throwIfAny();
    return new VersionDefinition(spec, encoding == null ? null : raw(encoding, shapes), shapes);
  }

  /**
   * An output that has neither its target's shape nor means and variances for it is predicted as it
   * is. A version that was trained lately says so itself.
   */
  private static Encoding raw(Encoding encoding, NetworkShapes shapes) {
    Set<String> raw = new HashSet<>();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              long given = shapes.of(target.output()).elements();
              if (target instanceof TargetEncoding.NumberTarget numbers
                  && given != numbers.encoding().width()
                  && given != 2L * numbers.encoding().width()) {
                raw.add(name);
              }
            });
    return raw.isEmpty() ? encoding : encoding.predictingRaw(raw);
  }

  /** The same, decoded in another way. */
  public VersionDefinition with(@Nullable Encoding other) {
    return new VersionDefinition(spec, other, shapes);
  }

  /** The row shape of every network input. */
  public static Map<String, Shape> inputShapes(ModelSpec spec, @Nullable Encoding encoding) {
    return encoding == null ? spec.network().inputs() : encoding.inputShapes();
  }

  /**
   * The inputs and outputs of the network, without the batch axis. Predict requests, documents and
   * every other protocol read it here.
   */
  public Signature signature() {
    Map<String, Signature.Tensor> inputs = new LinkedHashMap<>();
    shapes
        .inputs()
        .forEach((name, shape) -> inputs.put(name, new Signature.Tensor(type(name), shape)));
    Map<String, Signature.Tensor> outputs = new LinkedHashMap<>();
    for (String output : spec.network().outputs()) {
      outputs.put(
          output, new Signature.Tensor(spec.network().elementOf(output), shapes.of(output)));
    }
    return new Signature(inputs, outputs);
  }

  /**
   * The class targets whose labels "0", "1", … were made up, because the version was imported
   * without {@code classes}.
   */
  public List<String> assumedClasses() {
    if (encoding == null || !encoding.isAssumed()) {
      return List.of();
    }
    return encoding.targets().keySet().stream()
        .filter(
            target ->
                encoding.targets().get(target) instanceof TargetEncoding.ClassTarget
                    && spec.target(target).classes().isEmpty())
        .toList();
  }

  /**
   * The targets whose outputs have variances, by the name of their standard deviations: {@code
   * price_std}. A name that means something else already is left out.
   */
  public Map<String, String> deviations() {
    Map<String, String> names = new LinkedHashMap<>();
    if (encoding != null) {
      encoding
          .targets()
          .forEach(
              (target, how) -> {
                String name = target + "_" + Encoding.STD;
                if (encoding.hasVariances(target, shapes.of(how.output()))
                    && !encoding.targets().containsKey(name)
                    && !shapes.layers().containsKey(name)) {
                  names.put(name, target);
                }
              });
    }
    return names;
  }

  /** How much the members of an ensemble differ, by target; empty for other versions. */
  public List<MemberSpread> spreads() {
    return MemberSpread.of(this);
  }

  /**
   * {@link #spreads} by the names of their tensors: {@code price_uncertainty}. A name that means
   * something else already is left out.
   */
  public Map<String, MemberSpread> uncertainties() {
    Map<String, MemberSpread> names = new LinkedHashMap<>();
    for (MemberSpread each : spreads()) {
      String name = each.target() + "_" + Encoding.UNCERTAINTY;
      if (!Objects.requireNonNull(encoding).targets().containsKey(name)
          && !shapes.layers().containsKey(name)) {
        names.put(name, each);
      }
    }
    return names;
  }

  /** The outputs of the network, and those of the members of an ensemble. */
  public List<String> outputsWithMembers() {
    Set<String> outputs = new LinkedHashSet<>(spec.network().outputs());
    spreads().forEach(each -> outputs.addAll(each.outputs()));
    return List.copyOf(outputs);
  }

  /** The shape of a row of a target's numbers, or of the output of others. */
  public Shape row(TargetEncoding target) {
    return switch (target) {
      case TargetEncoding.NumberTarget numbers -> numbers.shape();
      case TargetEncoding.InputTarget input ->
          Objects.requireNonNull(shapes.inputs().get(input.input()));
      case TargetEncoding.ClassTarget _, TargetEncoding.RawTarget _, TargetEncoding.LayerTarget _ ->
          shapes.of(target.output());
    };
  }

  /** The tensors that say how sure predictions are. */
  public List<AnsweredCertainty> certainties() {
    return encoding == null ? List.of() : AnsweredCertainty.of(this, encoding);
  }

  private ElementType type(String input) {
    if (encoding != null) {
      return Objects.requireNonNull(encoding.inputs().get(input)).type();
    }
    return spec.network().readsIndices(input) ? ElementType.INT64 : ElementType.FLOAT32;
  }
}
