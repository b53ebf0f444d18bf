package io.trainyard.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.trainyard.trace.EndedSpan;
import io.trainyard.trace.RequestId;
import io.trainyard.trace.Spans;
import io.trainyard.trace.TraceContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call its id and its place in a trace, as HTTP does: both arrive as metadata, and go
 * back with the headers of the answer. Tells the access log and the traces about its end.
 */
record CallIds(Spans spans, CallLog log) implements ServerInterceptor {
  private static final Metadata.Key<String> ID = key("x-request-id");
  private static final Metadata.Key<String> TRACEPARENT = key("traceparent");

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    TraceContext caller = TraceContext.parse(headers.get(TRACEPARENT));
    TraceContext own = caller == null ? TraceContext.root(spans.sample()) : caller.child();
    String id = RequestId.of(headers.get(ID));
    String method = call.getMethodDescriptor().getFullMethodName();
    CallLog.Entry entry = log.begin(call, headers);
    Told<Q, A> told =
        new Told<>(call, id, own, new Call(method, own, caller, System.nanoTime()), entry);
    ServerCall.Listener<Q> listener =
        entry == null
            ? next.startCall(told, headers)
            : Contexts.interceptCall(entry.in(Context.current()), told, headers, next);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        if (entry != null) {
          entry.request(message);
        }
        in(id, own, () -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        in(id, own, super::onHalfClose);
      }

      @Override
      public void onCancel() {
        super.onCancel();
        if (entry != null) {
          in(id, own, () -> entry.end(Status.Code.CANCELLED));
        }
      }
    };
  }

  /** Each event of a call may have a thread of its own; a call may end within one. */
  private static void in(String id, TraceContext context, Runnable event) {
    boolean isOuter = RequestId.current() == null;
    RequestId.log(id, context);
    TraceContext.ofThisThread(context);
    try {
      event.run();
    } finally {
      if (isOuter) {
        TraceContext.ofThisThread(null);
        RequestId.forget();
      }
    }
  }

  /** A call that has begun. */
  private record Call(
      String method, TraceContext context, @Nullable TraceContext caller, long start) {}

  /** A call whose answer has the ids, and whose end is recorded. */
  private final class Told<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final String id;
    private final TraceContext context;
    private final Call begun;
    private final CallLog.@Nullable Entry entry;

    Told(
        ServerCall<Q, A> call,
        String id,
        TraceContext context,
        Call begun,
        CallLog.@Nullable Entry entry) {
      super(call);
      this.entry = entry;
      this.id = id;
      this.context = context;
      this.begun = begun;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      headers.put(ID, id);
      headers.put(TRACEPARENT, context.header());
      super.sendHeaders(headers);
    }

    @Override
    public void sendMessage(A message) {
      if (entry != null) {
        entry.answer(message);
      }
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!status.isOk()) {
        trailers.put(ID, id); // an answer without headers
      }
      super.close(status, trailers);
      if (entry != null) {
        in(id, context, () -> entry.end(status.getCode()));
      }
      if (spans.areKept() && context.sampled()) {
        record(begun, id, status);
      }
    }
  }

  private void record(Call call, String id, Status status) {
    TraceContext caller = call.caller();
    spans.record(
        new EndedSpan(
            call.method(),
            EndedSpan.Kind.SERVER,
            call.context(),
            caller == null ? null : caller.spanId(),
            null,
            call.start(),
            System.nanoTime(),
            Map.of(
                "rpc.system",
                "grpc",
                "rpc.response.status",
                status.getCode().name(),
                "trainyard.request_id",
                id),
            status.getCode() == Status.Code.INTERNAL ? status.getCode().name() : null));
  }
}
