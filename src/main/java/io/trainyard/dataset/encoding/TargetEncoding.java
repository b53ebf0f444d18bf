package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an output is trained towards and what it means. */
public sealed interface TargetEncoding {
  /** The network output it trains. */
  String output();

  /** How its own values are encoded; null when it has none of its own. */
  default @Nullable InputEncoding values() {
    return switch (this) {
      case ClassTarget labels -> labels.encoding();
      case NumberTarget numbers -> numbers.encoding();
      case InputTarget _, LayerTarget _ -> null;
    };
  }

  /**
   * One of some labels: INT64 [rows], the index among the classes.
   *
   * @param logits whether the output was trained as logits, which become shares by softmax, or by
   *     sigmoid where one unit stands for the second of two classes
   */
  record ClassTarget(
      String output, String column, ColumnType type, List<String> classes, boolean logits)
      implements TargetEncoding {
    public ClassTarget {
      classes = List.copyOf(classes);
    }

    public ClassTarget(String output, String column, ColumnType type, List<String> classes) {
      this(output, column, type, classes, false);
    }

    ClassTarget asLogits() {
      return new ClassTarget(output, column, type, classes, true);
    }

    /** As training reads the column: one index for each row. */
    InputEncoding encoding() {
      return new InputEncoding(
          io.trainyard.tensor.ElementType.INT64,
          Shape.SCALAR,
          List.of(
              new ColumnEncoding.Category(
                  column, type, classes, false, io.trainyard.spec.InputSpec.Unknown.ERROR)));
    }
  }

  /** Numbers: FLOAT32 [rows, ...shape]; one column has the shape [1]. */
  record NumberTarget(String output, InputEncoding encoding) implements TargetEncoding {
    public Shape shape() {
      return encoding.shape();
    }
  }

  /** An autoencoder's: the named input, as encoded. */
  record InputTarget(String output, String input) implements TargetEncoding {}

  /** Another layer's output; no tensor of its own. */
  record LayerTarget(String output, String layer) implements TargetEncoding {}
}
