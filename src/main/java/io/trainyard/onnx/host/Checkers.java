package io.trainyard.onnx.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.util.unit.DataSize;

/**
 * The checkers, one for networks and one for rows: a network that takes long, or ends its process,
 * does not stand before rows. A caller whose files crash one of them waits for both.
 */
public final class Checkers implements AutoCloseable {
  /** Wide rows are written by Java. */
  private static final DataSize ROWS_HEAP = DataSize.ofMegabytes(160);

  private final Checker networks;
  private final Checker rows;

  /**
   * Neither is started.
   *
   * @param nice how much lower the priority of their processes is
   * @param preparationsOfRows by kind, tasks that a new process for rows does first
   * @param callers those whose files have ended processes
   * @param onDeath told the kind of each death
   */
  public Checkers(
      HostSite site,
      int nice,
      Map<String, String> preparationsOfRows,
      CrashingCallers callers,
      Consumer<String> onDeath) {
    networks =
        new Checker(
            site, new Checker.Purpose("networks", HostSite.HEAP, nice, Map.of()), callers, onDeath);
    rows =
        new Checker(
            site,
            new Checker.Purpose("rows", ROWS_HEAP, nice, preparationsOfRows),
            callers,
            onDeath);
  }

  public Checker ofNetworks() {
    return networks;
  }

  public Checker ofRows() {
    return rows;
  }

  private List<Checker> all() {
    return List.of(networks, rows);
  }

  /**
   * Starts their processes, so that the first file does not wait for one.
   *
   * @param pause before; a file that comes earlier starts its own
   */
  public void start(Duration pause) {
    all().forEach(checker -> checker.start(pause));
  }

  /** Those whose process lives. */
  public int count() {
    return (int) all().stream().filter(Checker::isReady).count();
  }

  @Override
  public void close() {
    all().forEach(Checker::close);
  }
}
