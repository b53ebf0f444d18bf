package io.trainyard.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounds connections, calls, and the memory of requests, which is counted as their bytes arrive: a
 * message is in memory long before its handler runs. What is too much is refused with
 * RESOURCE_EXHAUSTED.
 */
final class CallLimits extends ServerStreamTracer.Factory implements ServerInterceptor {
  private static final Context.Key<Call> CALL = Context.key("trainyard.call");

  private final int mostConnections;
  private final int mostCalls;
  private final long mostBytes;
  private final long mostBytesOfOne;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * No calls yet.
   *
   * @param mostBytesOfOne the largest request once it is decompressed
   */
  CallLimits(int mostConnections, int mostCalls, long mostBytes, long mostBytesOfOne) {
    this.mostBytesOfOne = mostBytesOfOne;
    this.mostConnections = mostConnections;
    this.mostCalls = mostCalls;
    this.mostBytes = mostBytes;
  }

  /** The bytes of all requests under way, for tests. */
  long bytes() {
    return bytes.get();
  }

  /** Closes connections beyond the limit. */
  ServerTransportFilter connections() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        if (connections.incrementAndGet() > mostConnections) {
          connections.decrementAndGet();
          throw Status.UNAVAILABLE
              .withDescription("The service has its most connections, " + mostConnections)
              .asRuntimeException();
        }
        return attributes;
      }

      @Override
      public void transportTerminated(@Nullable Attributes attributes) {
        if (attributes != null) {
          connections.decrementAndGet();
        }
      }
    };
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new Call();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Call counted = CALL.get();
    if (counted != null && counted.refuses(call)) {
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(call, headers);
  }

  /** What one call holds, from its first byte to its end. */
  private final class Call extends ServerStreamTracer {
    private final boolean isOneTooMany = calls.incrementAndGet() > mostCalls;
    private @Nullable ServerCall<?, ?> call;
    private @Nullable Status refusal;

    // Guarded by this.
    private long held;
    private boolean isGivenBack;

    private long message;

    @Override
    public Context filterContext(Context context) {
      return context.withValue(CALL, this);
    }

    /** Binds the call, and closes it if it is too much already. */
    synchronized boolean refuses(ServerCall<?, ?> bound) {
      if (isOneTooMany) {
        refusal =
            Status.RESOURCE_EXHAUSTED.withDescription(
                "The service has its most calls at once, " + mostCalls + "; retry later");
      }
      call = bound;
      if (refusal != null) {
        close(bound, refusal);
      }
      return refusal != null;
    }

    @Override
    public void inboundWireSize(long more) {
      if (!grow(more)) {
        Thread.ofVirtual().name("grpc-refusal").start(this::refuse);
      }
    }

    /** Of a compressed message, as it is read; of another one, at once. */
    @Override
    public void inboundUncompressedSize(long more) {
      message += more;
      boolean fits = message <= mostBytesOfOne;
      if (!grow(more) || !fits) {
        refuse();
        throw tooMuch().asRuntimeException();
      }
    }

    /** A call that is too much gives back at once what it holds, so that others can go on. */
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

    private synchronized void refuse() {
      if (refusal == null) {
        refusal = tooMuch();
        if (call != null) {
          close(call, refusal);
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

    @Override
    public synchronized void streamClosed(Status status) {
      calls.decrementAndGet();
      giveBack();
    }
  }
}
