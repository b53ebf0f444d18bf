package io.trainyard.dataset;

import io.trainyard.tensor.Shape;
import java.util.List;

/** What an output is trained towards and what it means. */
public sealed interface TargetEncoding {
  /** The network output it trains. */
  String output();

  /** One of some labels: INT64 [rows], the index among the classes. */
  record ClassTarget(String output, String column, ColumnType type, List<String> classes)
      implements TargetEncoding {
    public ClassTarget {
      classes = List.copyOf(classes);
    }
  }

  /** Numbers: FLOAT32 [rows, ...shape]; one column has the shape [1]. */
  record NumberTarget(String output, Shape shape) implements TargetEncoding {}

  /** An autoencoder's: the named input, as encoded. */
  record InputTarget(String output, String input) implements TargetEncoding {}

  /** Another layer's output; no tensor of its own. */
  record LayerTarget(String output, String layer) implements TargetEncoding {}
}
