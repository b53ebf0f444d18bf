package io.trainyard.crash;

import io.trainyard.crash.LayerTemplates.Template;
import io.trainyard.error.ServiceException;
import io.trainyard.tensor.DataFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * All networks of the search, by number. A round has one of every layer, placement, data format and
 * size of batch; rounds differ in all else. The seed and the number decide a network.
 */
public final class NetworkCases {
  /** All rows of a training. The last batch of three has one row. */
  static final int ROWS = 7;

  private static final List<Integer> BATCHES = List.of(1, 3, ROWS);

  /** Most random members fit sooner or later. */
  private static final int TRIES = 2_000;

  private static final List<Cell> ROUND = round();

  private final long seed;

  public NetworkCases(long seed) {
    this.seed = seed;
  }

  /** What a round walks over. */
  public record Cell(Template layer, Placement placement, DataFormat format, int batch) {
    @Override
    public String toString() {
      return "%s, %s, %s, batches of %d".formatted(layer.type(), placement, format, batch);
    }
  }

  private static List<Cell> round() {
    List<Cell> cells = new ArrayList<>();
    for (Template layer : LayerTemplates.all()) {
      for (Placement placement : Placement.values()) {
        for (DataFormat format : DataFormat.values()) {
          for (int batch : BATCHES) {
            // Nothing but the network's end reads it, so only what is before it can learn.
            boolean learns =
                !layer.type().equals(NetworkText.LAST) || placement == Placement.BEHIND_TRAINED;
            if (learns && (layer.formatted() || format == DataFormat.CHANNELS_LAST)) {
              cells.add(new Cell(layer, placement, format, batch));
            }
          }
        }
      }
    }
    return cells;
  }

  /** The number of networks of a round. */
  static int perRound() {
    return ROUND.size();
  }

  public static Cell cell(long number) {
    return ROUND.get(Math.toIntExact(number % ROUND.size()));
  }

  /** The network of this number. */
  public NetworkCase get(long number) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
    Cell cell = cell(number);
    for (int tries = 0; tries < TRIES; tries++) {
      NetworkCase found = drawn(cell, random.split());
      if (found != null) {
        return found;
      }
    }
    throw new IllegalStateException(
        "no valid network of seed %d, number %d: %s".formatted(seed, number, cell));
  }

  private static @Nullable NetworkCase drawn(Cell cell, SplittableRandom random) {
    try {
      return NetworkText.drawn(cell, new Draw(random));
    } catch (ServiceException e) {
      return null;
    }
  }
}
