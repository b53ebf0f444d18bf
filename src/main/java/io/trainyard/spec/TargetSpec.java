package io.trainyard.spec;

import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an output is trained to give.
 *
 * @param source where the values come from
 * @param output the network output it trains; null: the only one, else the one with its name
 * @param type class or number; null: by the type of the column
 * @param classes the labels in order; empty: those in the data, sorted
 * @param offset rows from the end of a window to the value
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

  /** Where the values of a target come from. */
  public sealed interface Source {
    /**
     * Columns of the data.
     *
     * @param alone whether the caller gave a single column instead of a list
     */
    record Columns(List<String> columns, boolean alone) implements Source {
      public Columns {
        columns = List.copyOf(columns);
      }

      public Columns(List<String> columns) {
        this(columns, false);
      }

      /** Where the column of an index is named, relative to the pointer of the target. */
      public String placeOf(int column) {
        return alone ? "/column" : "/columns/" + column;
      }
    }

    /** An encoded input, as for an autoencoder. */
    record Input(String input) implements Source {}

    /** The output of another layer; no gradient flows into it. */
    record LayerOutput(String layer) implements Source {}
  }
}
