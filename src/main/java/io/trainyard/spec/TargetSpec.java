package io.trainyard.spec;

import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an output is trained towards.
 *
 * @param source where the value comes from
 * @param output the network output it trains, or null: the only one, else the one of its name
 * @param type class or number, or null: by the column's type
 * @param classes the order of the labels; empty: sorted, as found
 */
public record TargetSpec(
    Source source,
    @Nullable String output,
    @Nullable Type type,
    List<String> classes,
    int offset,
    @Nullable Shape shape,
    Scaling scale) {
  public TargetSpec {
    classes = List.copyOf(classes);
  }

  public enum Type {
    CLASS,
    NUMBER
  }

  /** Where a target's value comes from. */
  public sealed interface Source {
    record Columns(List<String> columns) implements Source {
      public Columns {
        columns = List.copyOf(columns);
      }
    }

    /** An autoencoder: the input, as encoded. */
    record Input(String input) implements Source {}

    /** Another layer's output, as a constant. */
    record LayerOutput(String layer) implements Source {}
  }
}
