package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.model.MemberSpread;
import io.trainyard.predict.Computation;
import io.trainyard.tensor.Bytes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** How much the members of an ensemble differ about each target. */
final class MemberSpreads implements Analysis.OfRows {
  private final Encoding encoding;
  private final Map<MemberSpread, double[]> std = new LinkedHashMap<>();

  private MemberSpreads(Encoding encoding) {
    this.encoding = encoding;
  }

  /** Null for a version that is no ensemble, or that predicts tensors. */
  static @Nullable MemberSpreads of(Computation computation) {
    List<MemberSpread> spreads = computation.model().definition().spreads();
    if (spreads.isEmpty()) {
      return null;
    }
    computation.reserve(
        computation.model().rowCost().outputBytes() / Bytes.FLOAT * 2 * Double.BYTES, "spread");
    Encoding encoding = Objects.requireNonNull(computation.model().definition().encoding());
    MemberSpreads all = new MemberSpreads(encoding);
    for (MemberSpread spread : spreads) {
      all.std.put(spread, spread.std(encoding, computation.outputs(), computation.rows()));
    }
    return all;
  }

  @Override
  public List<String> members() {
    return List.of(Encoding.UNCERTAINTY);
  }

  @Override
  public void addTo(int row, ObjectNode prediction) {
    ObjectNode uncertainty = prediction.putObject(Encoding.UNCERTAINTY);
    std.forEach(
        (spread, all) -> {
          int width = Math.toIntExact(spread.row().elements());
          double[] own = Arrays.copyOfRange(all, row * width, (row + 1) * width);
          uncertainty
              .putObject(spread.target())
              .set(Encoding.STD, ToldNumbers.json(encoding, spread.target(), spread.row(), own));
        });
  }
}
