package io.trainyard.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.trainyard.access.FairSlots;
import io.trainyard.access.Proxies;
import io.trainyard.os.PeriodicTask;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds calls, their time, and the memory of requests, which is counted as their bytes arrive: a
 * message is in memory long before its handler runs. An answer is until its client has read it.
 * What is too much is refused with RESOURCE_EXHAUSTED.
 *
 * <p>A call counts once it is known who calls. Those that need no key count apart, so that nobody
 * without a key can refuse those with one. Of these, streams count apart again: watches of health
 * last, and refuse no check. One address has at most as many of each kind as it leaves for others.
 */
final class CallLimits extends ServerStreamTracer.Factory
    implements ServerInterceptor, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CallLimits.class);
  private static final Context.Key<Call> CALL = Context.key("trainyard.call");

  /** Free calls for each call that is not: probes are few and short, watches cost little. */
  private static final int CALLS_PER_FREE = 4;

  private static final int LEAST_FREE = 16;

  /** How long a request may take, and the bytes per second that it must bring after that. */
  private static final Duration REQUEST_TIME = Duration.ofSeconds(30);

  private static final long REQUEST_RATE = 1 << 10;

  /** Longer than anything that a call may wait for: its model to load, its rows to be computed. */
  private static final Duration CALL_TIME = Duration.ofMinutes(15);

  /** A watch has no end of its own; its client begins another. */
  private static final Duration WATCH_TIME = Duration.ofHours(1);

  private static final String WATCH = "grpc.health.v1.Health/Watch";
  private static final Duration CHECK = Duration.ofSeconds(1);

  private final FairSlots calls;
  private final FairSlots free;
  private final FairSlots freeStreams;
  private final long mostBytes;
  private final long mostBytesOfOne;
  private final AtomicLong bytes = new AtomicLong();
  private final Set<Call> open = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService deadlines =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("grpc-deadlines-", 0).factory());

  /**
   * No calls yet.
   *
   * @param mostBytesOfOne the largest request once it is decompressed
   */
  CallLimits(int mostCalls, Proxies proxies, long mostBytes, long mostBytesOfOne) {
    this.calls = new FairSlots(mostCalls, proxies);
    int mostFree = Math.max(LEAST_FREE, mostCalls / CALLS_PER_FREE);
    this.free = new FairSlots(mostFree, proxies);
    this.freeStreams = new FairSlots(mostFree, proxies);
    this.mostBytesOfOne = mostBytesOfOne;
    this.mostBytes = mostBytes;
  }

  /** Starts to end calls that take too long. */
  void start() {
    PeriodicTask.start(
        deadlines, "deadlines of calls", CHECK, CHECK, () -> endLate(System.nanoTime()));
    // Apart: it may wait for the issuer of tokens.
    PeriodicTask.start(deadlines, "access of calls", CHECK, CHECK, this::endRefused);
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
  }

  /** The bytes of all requests under way, for tests. */
  long bytes() {
    return bytes.get();
  }

  /** Ends the calls whose time is over. */
  void endLate(long now) {
    open.forEach(call -> call.endIfLate(now));
  }

  /** Ends the calls that may not go on; those behind one that cannot be asked are asked too. */
  void endRefused() {
    for (Call call : open) {
      try {
        var _ = call.endIfRefused();
      } catch (RuntimeException e) {
        log.warn("Whether a call may go on: {}", e.toString());
      }
    }
  }

  /**
   * Asks every second whether the current call may go on, and once more before it is answered: its
   * key may end while it is under way.
   *
   * @param refusal why it may not; null while it may
   */
  static void askAgain(Supplier<@Nullable Status> refusal) {
    Call current = CALL.get();
    if (current != null) {
      current.refusesNow = refusal;
    }
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    Call call = new Call(method);
    open.add(call);
    return call;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Call counted = CALL.get();
    if (counted == null) {
      return next.startCall(call, headers);
    }
    if (counted.refuses(call)) {
      return new ServerCall.Listener<>() {};
    }
    return new SimpleForwardingServerCallListener<>(
        next.startCall(counted.whileOpen(call), headers)) {
      @Override
      public void onHalfClose() {
        counted.isComplete = true;
        if (!counted.endIfRefused()) {
          super.onHalfClose();
        }
      }
    };
  }

  private static @Nullable InetAddress address(ServerCall<?, ?> call) {
    return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress peer
        ? peer.getAddress()
        : null;
  }

  /** What one call holds, from its first byte to its end. */
  private final class Call extends ServerStreamTracer {
    private final String method;
    private final long start = System.nanoTime();
    private volatile boolean isComplete;
    private volatile Supplier<@Nullable Status> refusesNow = () -> null;

    /** All bytes that have come. */
    private final AtomicLong came = new AtomicLong();

    /** Why it ended here; it answers nothing after that. */
    private final AtomicReference<@Nullable Status> refusal = new AtomicReference<>();

    private volatile @Nullable ServerCall<?, ?> call;

    /**
     * Held by what uses the call, one thread at a time: to write a large answer takes long. No loop
     * of connections and no deadline waits for it.
     */
    private final ReentrantLock use = new ReentrantLock();

    /** Guarded by the lock of its use. */
    private boolean isClosedHere;

    // Guarded by this.
    private FairSlots.@Nullable Place place;
    private boolean isOver;
    private long held;
    private boolean isGivenBack;

    private long message;

    Call(String method) {
      this.method = method;
    }

    @Override
    public Context filterContext(Context context) {
      return context.withValue(CALL, this);
    }

    /** Binds the call and takes its place, or closes it if it is too much. */
    boolean refuses(ServerCall<?, ?> bound) {
      call = bound;
      if (refusal.get() == null) {
        Status full = enter(bound);
        if (full != null) {
          refusal.compareAndSet(null, full);
        }
      }
      closeIfRefused();
      return refusal.get() != null;
    }

    private synchronized @Nullable Status enter(ServerCall<?, ?> bound) {
      return isOver ? null : place(bound);
    }

    private FairSlots places(ServerCall<?, ?> bound) {
      if (!CallAccess.isFree(method)) {
        return calls;
      }
      return bound.getMethodDescriptor().getType() == MethodType.UNARY ? free : freeStreams;
    }

    private @Nullable Status place(ServerCall<?, ?> bound) {
      FairSlots places = places(bound);
      place = places.take(address(bound));
      if (place != null) {
        return null;
      }
      return Status.RESOURCE_EXHAUSTED.withDescription(
          places.taken() < places.most()
              ? "This address has as many calls at once as are left for all others, "
                  + (places.most() - places.taken())
                  + "; retry later, or set trainyard.http.proxies if it is a proxy"
              : "The service has its most calls at once, " + places.most() + "; retry later");
    }

    /** The call, which answers nothing once it has been ended here. */
    <Q, A> ServerCall<Q, A> whileOpen(ServerCall<Q, A> answered) {
      return new SimpleForwardingServerCall<>(answered) {
        @Override
        public void sendHeaders(Metadata headers) {
          unlessEnded(() -> super.sendHeaders(headers));
        }

        @Override
        public void sendMessage(A message) {
          if (message instanceof MessageLite answer && !grow(answer.getSerializedSize())) {
            end(unread());
          }
          unlessEnded(() -> super.sendMessage(message));
        }

        @Override
        public void close(Status status, Metadata trailers) {
          unlessEnded(() -> super.close(status, trailers));
        }
      };
    }

    private void unlessEnded(Runnable answer) {
      use.lock();
      try {
        if (refusal.get() == null) {
          answer.run();
        }
      } finally {
        use.unlock();
      }
      closeIfRefused(); // who ended it in between did not wait
    }

    boolean endIfRefused() {
      Status reason = refusesNow.get();
      if (reason != null) {
        end(reason);
      }
      return reason != null;
    }

    void endIfLate(long now) {
      Duration time = Duration.ofNanos(now - start);
      Duration most = method.equals(WATCH) ? WATCH_TIME : CALL_TIME;
      if (time.compareTo(most) > 0) {
        end(
            Status.DEADLINE_EXCEEDED.withDescription(
                "The call has lasted for " + most.toMinutes() + " minutes, the most"));
      } else if (!isComplete
          && time.compareTo(REQUEST_TIME.plusSeconds(came.get() / REQUEST_RATE)) > 0) {
        end(
            Status.DEADLINE_EXCEEDED.withDescription(
                "The request was not complete after "
                    + time.toSeconds()
                    + " s; it must bring at least "
                    + REQUEST_RATE
                    + " bytes per second"));
      }
    }

    @Override
    public void inboundWireSize(long more) {
      came.addAndGet(more);
      if (!grow(more)) {
        Thread.ofVirtual().name("grpc-refusal").start(() -> end(tooMuch()));
      }
    }

    /** Of a compressed message, as it is read; of another one, at once. */
    @Override
    public void inboundUncompressedSize(long more) {
      message += more;
      boolean fits = message <= mostBytesOfOne;
      if (!grow(more) || !fits) {
        end(tooMuch());
        throw tooMuch().asRuntimeException();
      }
    }

    /**
     * Counts bytes that stay in memory until the call is over: those of its request, and those of
     * its answer, which its client may never read. A call that is too much gives back at once what
     * it holds, so that others can go on.
     */
    private synchronized boolean grow(long more) {
      if (isGivenBack) {
        return true;
      }
      held += more;
      if (bytes.addAndGet(more) <= mostBytes) {
        return true;
      }
      giveBack();
      return false;
    }

    private void giveBack() {
      isGivenBack = true;
      bytes.addAndGet(-held);
      held = 0;
    }

    private void end(Status reason) {
      if (refusal.compareAndSet(null, reason)) {
        closeIfRefused();
      }
    }

    private void closeIfRefused() {
      Status reason = refusal.get();
      ServerCall<?, ?> bound = call;
      if (reason != null && bound != null && use.tryLock()) {
        try {
          if (!isClosedHere) {
            isClosedHere = true;
            close(bound, reason);
          }
        } finally {
          use.unlock();
        }
      }
    }

    private static void close(ServerCall<?, ?> call, Status status) {
      try {
        call.close(status, new Metadata());
      } catch (IllegalStateException e) {
        // It has ended in between.
      }
    }

    private static Status tooMuch() {
      return Status.RESOURCE_EXHAUSTED.withDescription(
          "The request is too large, or the requests under way use all memory for them,"
              + " trainyard.grpc.max-bodies; retry later, or send less at once");
    }

    private static Status unread() {
      return Status.RESOURCE_EXHAUSTED.withDescription(
          "The answer is too large, or answers that their callers have not read use all memory for"
              + " calls, trainyard.grpc.max-bodies; read answers, and ask for fewer rows at once");
    }

    @Override
    public synchronized void streamClosed(Status status) {
      isOver = true;
      open.remove(this);
      if (place != null) {
        place.close();
      }
      giveBack();
    }
  }
}
