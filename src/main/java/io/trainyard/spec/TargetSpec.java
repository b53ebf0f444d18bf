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
    /**
     * Columns of the data.
     *
     * @param alone whether the caller named it as the only one, not in a list
     */
    record Columns(List<String> columns, boolean alone) implements Source {
      public Columns {
        columns = List.copyOf(columns);
      }

      public Columns(List<String> columns) {
        this(columns, false);
      }

      /** Where in the target's object a column was named, as the end of a pointer. */
      public String placeOf(String column) {
        return alone ? "/column" : "/columns/" + columns.indexOf(column);
      }
    }

    /** An autoencoder: the input, as encoded. */
    record Input(String input) implements Source {}

    /** Another layer's output, as a constant. */
    record LayerOutput(String layer) implements Source {}
  }
}
