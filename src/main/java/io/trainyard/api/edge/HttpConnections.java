package io.trainyard.api.edge;

import io.trainyard.access.FairSlots;
import io.trainyard.access.RefusedConnections;
import io.trainyard.os.PeriodicTask;
import io.trainyard.os.Watchdog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * The connections of the server. Tomcat by itself takes connections of one address until no place
 * is left, and waits for a head as long as its sender writes one byte now and then. Here an address
 * has a part of the places, and a head a time in all; so has the handshake of TLS before it. A
 * connection without a place is closed at once: the thread that accepts never waits, so the process
 * can always ask itself whether it answers. A thread of its own answers it, as the virtual threads
 * that answer others may all have work for a long time.
 */
final class HttpConnections extends NioEndpoint {
  /** Beyond all places, for the process's own question whether it answers. */
  private static final int OWN = 8;

  private static final Duration CHECK = Duration.ofSeconds(1);

  /** The connection whose bytes this thread reads. */
  private static final ScopedValue<Connection> READ = ScopedValue.newInstance();

  private final Map<SocketChannel, Connection> open = new ConcurrentHashMap<>();
  private List<Watchdog.Watched> watched = List.of();
  private @Nullable ScheduledExecutorService handshakes;
  private @Nullable ExecutorService ownAnswers;
  private @Nullable FairSlots places;
  private @Nullable RefusedConnections refused;
  private @Nullable OwnConnections own;
  private Duration headTime = Duration.ZERO;

  /** A connection, and since when it waits for the rest of a head; 0 while it does not. */
  private static final class Connection {
    private final FairSlots.@Nullable Place place;

    /** Whether it is the process's own. */
    private final boolean isOwn;

    private final long since = System.nanoTime();
    private volatile long headSince;

    /** Whether a head was complete since the last read began. */
    private volatile boolean hadHead;

    /** Whether its handshake is over, if it needs one. */
    private volatile boolean isReady;

    Connection(FairSlots.@Nullable Place place, boolean isOwn) {
      this.place = place;
      this.isOwn = isOwn;
    }

    void close() {
      if (place != null) {
        place.close();
      }
    }
  }

  /** Sets the bounds, before the start. */
  void bound(FairSlots all, OwnConnections ownConnections, Duration head) {
    places = all;
    refused = new RefusedConnections(all, "server.tomcat.max-connections with the heap");
    own = ownConnections;
    headTime = head;
    setMaxConnections(all.most() + OWN);
  }

  /** Without its threads, the server is deaf. */
  @Override
  public void startInternal() throws Exception {
    ownAnswers =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name(getName() + "-own").factory());
    super.startInternal();
    watched = Watchdog.threads(Set.of(getName() + "-Acceptor", getName() + "-Poller"));
    if (isSSLEnabled()) {
      ScheduledExecutorService checks =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofVirtual().name("handshakes").factory());
      PeriodicTask.start(checks, "late handshakes", CHECK, CHECK, this::endLateHandshakes);
      handshakes = checks;
    }
  }

  @Override
  public void stopInternal() {
    watched.forEach(Watchdog.Watched::close);
    if (handshakes != null) {
      handshakes.shutdownNow();
    }
    super.stopInternal();
    if (ownAnswers != null) {
      ownAnswers.shutdownNow();
    }
  }

  @Override
  public boolean processSocket(
      SocketWrapperBase<NioChannel> socket, SocketEvent event, boolean dispatch) {
    Connection connection = connection(socket);
    if (connection == null || !connection.isOwn || !dispatch) {
      return super.processSocket(socket, event, dispatch);
    }
    try {
      Objects.requireNonNull(ownAnswers).execute(createSocketProcessor(socket, event));
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the server stops
    }
  }

  private @Nullable Connection connection(SocketWrapperBase<NioChannel> socket) {
    SocketChannel channel = socket.getSocket().getIOChannel();
    return channel == null ? null : open.get(channel); // null once it is closed
  }

  /** As the poller does with those that are silent: no other thread uses the connection then. */
  private void endLateHandshakes() {
    open.forEach(
        (socket, connection) -> {
          SocketWrapperBase<NioChannel> wrapper = connections.get(socket);
          if (wrapper != null
              && !connection.isReady
              && System.nanoTime() - connection.since > headTime.toNanos()) {
            var _ = processSocket(wrapper, SocketEvent.ERROR, true);
          }
        });
  }

  @Override
  protected boolean setSocketOptions(SocketChannel socket) {
    InetSocketAddress peer = peer(socket);
    InetAddress address = peer == null ? null : peer.getAddress();
    boolean isOwn = peer != null && Objects.requireNonNull(own).has(peer);
    FairSlots.Place place = isOwn ? null : Objects.requireNonNull(places).take(address);
    if (place == null && !isOwn) {
      Objects.requireNonNull(refused).add(address);
      destroySocket(socket);
      return false;
    }
    Connection connection = new Connection(place, isOwn);
    open.put(socket, connection);
    boolean taken = false;
    try {
      taken = super.setSocketOptions(socket);
    } finally {
      if (!taken) {
        forget(socket);
      }
    }
    return taken;
  }

  private static @Nullable InetSocketAddress peer(SocketChannel socket) {
    try {
      return socket.getRemoteAddress() instanceof InetSocketAddress address ? address : null;
    } catch (IOException e) {
      return null; // it has gone already
    }
  }

  private void forget(SocketChannel socket) {
    Connection connection = open.remove(socket);
    if (connection != null) {
      connection.close();
    }
  }

  /**
   * Notes that a head is complete when its request comes to the adapter. It has no domain of JMX:
   * Tomcat would register each of its processors there, under one lock of all connections.
   */
  static Adapter completingHeads(Adapter adapter) {
    return new Adapter() {
      @Override
      public void service(Request request, Response response) throws Exception {
        if (READ.isBound()) {
          READ.get().hadHead = true;
        }
        adapter.service(request, response);
      }

      @Override
      public boolean prepare(Request request, Response response) throws Exception {
        return adapter.prepare(request, response);
      }

      @Override
      public boolean asyncDispatch(Request request, Response response, SocketEvent status)
          throws Exception {
        return adapter.asyncDispatch(request, response, status);
      }

      @Override
      public void log(Request request, Response response, long time) {
        adapter.log(request, response, time);
      }

      @Override
      public void checkRecycled(Request request, Response response) {
        adapter.checkRecycled(request, response);
      }

      @Override
      public @Nullable String getDomain() {
        return null;
      }
    };
  }

  @Override
  public void setHandler(Handler<NioChannel> handler) {
    super.setHandler(new TimedHeads(handler));
  }

  /** Ends a connection whose head is not complete in time, and frees the places of those closed. */
  private final class TimedHeads implements Handler<NioChannel> {
    private final Handler<NioChannel> handler;

    TimedHeads(Handler<NioChannel> handler) {
      this.handler = handler;
    }

    @Override
    public SocketState process(SocketWrapperBase<NioChannel> socket, SocketEvent event) {
      Connection connection = connection(socket);
      try {
        return process(connection, socket, event);
      } finally {
        if (connection != null && !connection.isOwn) {
          Objects.requireNonNull(own).servedOther();
        }
      }
    }

    private SocketState process(
        @Nullable Connection connection, SocketWrapperBase<NioChannel> socket, SocketEvent event) {
      if (connection != null) {
        connection.isReady = true;
      }
      if (connection == null || event != SocketEvent.OPEN_READ) {
        return handler.process(socket, event);
      }
      long since = connection.headSince == 0 ? System.nanoTime() : connection.headSince;
      if (connection.headSince != 0) {
        // A body may follow, whose sender may pause for longer.
        socket.setReadTimeout(getConnectionTimeout());
      }
      connection.hadHead = false;
      SocketState state =
          ScopedValue.where(READ, connection).call(() -> handler.process(socket, event));
      boolean begun =
          state == SocketState.LONG
              ? !isAnswering(socket)
              // Empty lines may come before a head.
              : state == SocketState.OPEN && !connection.hadHead;
      if (!begun) {
        connection.headSince = 0;
        return state;
      }
      since = connection.hadHead ? System.nanoTime() : since;
      connection.headSince = since;
      long left = headTime.minusNanos(System.nanoTime() - since).toMillis();
      if (left <= 0) {
        return SocketState.CLOSED;
      }
      // The poller closes the connection when nothing comes in this time.
      int pause = getConnectionTimeout();
      socket.setReadTimeout(pause > 0 ? Math.min(left, pause) : left);
      return state;
    }

    /** Whether the head is complete, and the answer goes on without this thread. */
    private static boolean isAnswering(SocketWrapperBase<NioChannel> socket) {
      return socket.getCurrentProcessor() instanceof Processor processor && processor.isAsync();
    }

    @Override
    public Object getGlobal() {
      return handler.getGlobal();
    }

    @Override
    public void release(SocketWrapperBase<NioChannel> socket) {
      SocketChannel channel = socket.getSocket().getIOChannel();
      if (channel != null) {
        forget(channel);
      }
      handler.release(socket);
    }

    @Override
    public void pause() {
      handler.pause();
    }

    @Override
    public void recycle() {
      handler.recycle();
    }
  }
}
