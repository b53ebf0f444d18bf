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
