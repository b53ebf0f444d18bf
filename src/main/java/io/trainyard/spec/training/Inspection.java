package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a training finds out beside its losses and metrics.
 *
 * @param range the test that finds a learning rate; null: none
 * @param diagnostics the numbers of each layer in the records of its epochs
 */
public record Inspection(@Nullable LearningRateRange range, Set<Diagnostic> diagnostics) {
  public Inspection {
    diagnostics =
        diagnostics.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(diagnostics));
  }

  static Inspection read(JsonObject training) {
    return new Inspection(LearningRateRange.read(training), Diagnostic.read(training));
  }

  public boolean wants(Diagnostic diagnostic) {
    return diagnostics.contains(diagnostic);
  }

  /** Whether numbers of the layers' outputs are wanted. */
  public boolean wantsOutputs() {
    return diagnostics.stream().anyMatch(Diagnostic::isOfOutputs);
  }
}
