package io.trainyard.predict;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.model.AnsweredCertainty;
import io.trainyard.model.MemberSpread;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of a network for one request. Their memory counts as used until it is closed.
 *
 * @param outputs [rows, ...] by name: the network's own outputs and the layers that the caller
 *     asked for
 * @param memory counts the inputs and outputs
 * @param statistics of the version; closing it counts the writing of the answer
 * @param computedAt when the outputs were there, in nanoseconds
 * @param span its span, where it is traced
 */
public record Prediction(
    ModelVersion version,
    VersionDefinition definition,
    int rows,
    Map<String, HostTensor> outputs,
    ByteBudget.Reservation memory,
    VersionStatistics statistics,
    long computedAt,
    @Nullable PredictSpan span)
    implements AutoCloseable {
  public Prediction {
    outputs = Map.copyOf(outputs);
  }

  /** An output of the network, a layer's, or what a target has beside its numbers. */
  public HostTensor output(String name) {
    HostTensor output = outputs.get(name);
    if (output == null) {
      String target = definition.deviations().get(name);
      var encoding = definition.encoding();
      if (encoding != null
          && target != null
          && encoding.decodeTarget(target, outputs, rows)
              instanceof TargetEncoding.Decoded.Numbers(_, HostTensor std)
          && std != null) {
        return std;
      }
      MemberSpread spread = definition.uncertainties().get(name);
      if (spread != null) {
        return spread.tensor(Objects.requireNonNull(encoding), outputs, rows);
      }
      for (AnsweredCertainty each : definition.certainties()) {
        if (each.name().equals(name)) {
          return each.tensor(Objects.requireNonNull(encoding), outputs, rows);
        }
      }
      throw new IllegalArgumentException("there is no output '" + name + "'");
    }
    return output;
  }

  /** How targets of two classes are decided; empty without such targets. */
  public Map<String, Decision.Named> decisions() {
    Encoding encoding = definition.encoding();
    return encoding == null ? Map.of() : encoding.decisions();
  }

  @Override
  public void close() {
    memory.close();
    statistics.written(System.nanoTime() - computedAt);
    if (span != null) {
      span.written();
    }
  }
}
