package io.trainyard.attack.generated;

import io.trainyard.Http;
import io.trainyard.Weights;
import io.trainyard.attack.generated.Table.Column;
import io.trainyard.attack.generated.Table.Kind;
import io.trainyard.crash.Draw;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The datasets of the generated jobs. */
final class Tables {
  /** Enough numbers for the shapes of most small networks. */
  static final int WIDE = 60;

  /** A model with two outputs. */
  static final String NESTED = "generated-nested";

  private final Table wide;
  private final List<Table> others;

  private Tables(Table wide, List<Table> others) {
    this.wide = wide;
    this.others = others;
  }

  static Tables drawn(Draw draw) {
    return new Tables(
        wide(draw), List.of(mixed(draw), tensors(draw), series(draw), few(draw), oneLabel(draw)));
  }

  private static Table wide(Draw draw) {
    List<Column> columns = targets();
    for (int i = 0; i < WIDE; i++) {
      columns.add(new Column("n" + i, Kind.NUMBER));
      columns.add(new Column("i" + i, Kind.INTEGER));
    }
    return Table.drawn("generated-wide", columns, 20, draw);
  }

  private static Table mixed(Draw draw) {
    List<Column> columns = targets();
    for (int i = 0; i < 4; i++) {
      columns.add(new Column("n" + i, Kind.NUMBER));
      columns.add(new Column("i" + i, Kind.INTEGER));
      columns.add(new Column("s" + i, Kind.LABEL));
    }
    columns.add(new Column("negative", Kind.SIGNED));
    columns.add(new Column("flag2", Kind.FLAG));
    columns.add(new Column("id", Kind.UNIQUE));
    columns.add(new Column("at", Kind.TIME));
    columns.add(new Column("constant", Kind.CONSTANT));
    columns.add(new Column("huge", Kind.HUGE));
    for (Kind kind : List.of(Kind.NUMBER, Kind.INTEGER, Kind.LABEL, Kind.FLAG)) {
      columns.add(new Column("some_" + kind.name().toLowerCase(Locale.ROOT), kind).withHoles());
    }
    return Table.drawn("generated-mixed", columns, 25, draw);
  }

  private static Table tensors(Draw draw) {
    List<Column> columns = targets();
    columns.add(Column.tensor("v", Kind.TENSOR, 4));
    columns.add(Column.tensor("w", Kind.TENSOR, 2));
    columns.add(Column.tensor("m", Kind.TENSOR, 3, 4));
    columns.add(Column.tensor("k", Kind.TENSOR, 4, 3));
    columns.add(Column.tensor("image", Kind.TENSOR, 6, 5, 2));
    columns.add(Column.tensor("words", Kind.INDICES, 5));
    columns.add(Column.tensor("grid", Kind.INDICES, 2, 3));
    columns.add(new Column("n0", Kind.NUMBER));
    return Table.drawn("generated-tensors", columns, 15, draw);
  }

  private static Table series(Draw draw) {
    List<Column> columns = targets();
    columns.add(new Column("at", Kind.TIME));
    columns.add(new Column("s0", Kind.LABEL));
    for (int i = 0; i < 3; i++) {
      columns.add(new Column("n" + i, Kind.NUMBER));
    }
    columns.add(new Column("i0", Kind.INTEGER));
    return Table.drawn("generated-series", columns, 60, draw);
  }

  private static Table few(Draw draw) {
    List<Column> columns = targets();
    columns.add(new Column("n0", Kind.NUMBER));
    columns.add(new Column("n1", Kind.NUMBER));
    return Table.drawn("generated-few", columns, 3, draw);
  }

  private static Table oneLabel(Draw draw) {
    return Table.drawn(
        "generated-one-label",
        List.of(
            new Column("n0", Kind.NUMBER),
            new Column("label", Kind.CONSTANT),
            new Column("y", Kind.CONSTANT),
            new Column("code", Kind.CONSTANT),
            new Column("flag", Kind.FLAG)),
        8,
        draw);
  }

  /** Columns that every table has. */
  private static List<Column> targets() {
    return new ArrayList<>(
        List.of(
            new Column("y", Kind.NUMBER),
            new Column("label", Kind.LABEL),
            new Column("flag", Kind.FLAG),
            new Column("code", Kind.INTEGER),
            new Column("bit", Kind.BIT),
            new Column("lasted", Kind.DURATION),
            new Column("part", Kind.PART)));
  }

  /** The table with enough columns for any shape. */
  Table wide() {
    return wide;
  }

  Table any(Draw draw) {
    return draw.below(4) == 0 ? wide : draw.pick(others);
  }

  /** Uploads the tables, and imports the model that some networks nest. */
  void upload(Http http, Draw draw) {
    http.importVersion(
        NESTED,
        """
        {"name": "%s", "network": {"inputs": {"x": {"shape": [4]}}, "outputs": ["a", "b"],
          "layers": [{"type": "dense", "name": "a", "units": 3, "activation": "tanh"},
                     {"type": "lambda", "name": "b", "expression": "x ^ 2", "inputs": ["a"]}]}}
        """
            .formatted(NESTED),
        new Weights()
            .with("a.weight", Shape.of(3, 4), 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0.5f, 0.5f)
            .with("a.bias", Shape.of(3), 0, 0, 0));
    uploadRows(http, draw);
  }

  /** Uploads the tables alone. */
  void uploadRows(Http http, Draw draw) {
    wide.upload(http, draw);
    others.forEach(table -> table.upload(http, draw));
  }
}
