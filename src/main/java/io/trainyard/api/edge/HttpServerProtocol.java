package io.trainyard.api.edge;

import io.trainyard.access.FairSlots;
import io.trainyard.access.Proxies;
import io.trainyard.error.StartRefusedException;
import io.trainyard.os.OpenFiles;
import java.time.Duration;
import org.apache.coyote.Adapter;
import org.apache.coyote.http11.Http11NioProtocol;

/** HTTP/1.1 with bounds on connections. It is public because Tomcat makes it by its name. */
public final class HttpServerProtocol extends Http11NioProtocol {
  /** What a connection with an unfinished head holds: the buffers for its head and its answer. */
  private static final long BYTES_OF_ONE = 64 << 10;

  /** The part of the heap that unfinished heads may fill. */
  private static final int HEAP_SHARE = 8;

  /** The part of the open files, beside those that the process needs. */
  static final int FILES_SHARE = 2;

  /** That part at the port of management. */
  static final int MANAGEMENT_FILES_SHARE = 8;

  /** The most connections at the port of management, which the platform asks now and then. */
  static final int MOST_OF_MANAGEMENT = 256;

  /** Fewer serve nobody. */
  private static final int LEAST = 32;

  private final HttpConnections connections;

  public HttpServerProtocol() {
    this(new HttpConnections());
  }

  private HttpServerProtocol(HttpConnections connections) {
    super(connections);
    this.connections = connections;
  }

  /**
   * Sets the bounds, before the start.
   *
   * @param filesShare the part of the open files, as in 2 for a half
   * @return the places of connections
   */
  FairSlots bound(Proxies proxies, OwnConnections own, Duration headTime, int filesShare) {
    long files = OpenFiles.most();
    if (files < OpenFiles.LEAST) {
      throw new StartRefusedException(
          "This process may have %d files and connections open, and needs at least %d: raise the limit, as with 'ulimit -n 4096', LimitNOFILE= of systemd, or --ulimit nofile= of Docker"
              .formatted(files, OpenFiles.LEAST));
    }
    int most = places(getMaxConnections(), Runtime.getRuntime().maxMemory(), files, filesShare);
    FairSlots places = new FairSlots(most, proxies);
    connections.bound(places, own, headTime);
    return places;
  }

  /** Each request comes to the adapter once its head is complete. */
  @Override
  public void setAdapter(Adapter adapter) {
    super.setAdapter(HttpConnections.completingHeads(adapter));
  }

  /**
   * How many connections there may be.
   *
   * @param configured what the operator allows
   * @param files how many files and connections the process may have open
   */
  static int places(int configured, long heap, long files, int filesShare) {
    long ofHeap = Math.max(LEAST, heap / HEAP_SHARE / BYTES_OF_ONE);
    long fitting = Math.min(ofHeap, OpenFiles.connections(files, filesShare));
    return (int) Math.min(configured < 1 ? Integer.MAX_VALUE : configured, fitting);
  }
}
