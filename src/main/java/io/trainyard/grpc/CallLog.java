package io.trainyard.grpc;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import io.trainyard.access.Proxies;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The lines of calls in the access log, in the form of those of HTTP. They have no metadata, which
 * may hold keys. Calls for health are left out: their caller is the platform, every few seconds.
 */
final class CallLog {
  private static final Logger ACCESS = LoggerFactory.getLogger("io.trainyard.access");
  private static final Context.Key<Entry> ENTRY = Context.key("trainyard.call.log");

  private static final Metadata.Key<String> FORWARDED =
      Metadata.Key.of("x-forwarded-for", Metadata.ASCII_STRING_MARSHALLER);

  private static final Set<String> PROBES =
      Set.of(
          HealthGrpc.getCheckMethod().getFullMethodName(),
          HealthGrpc.getWatchMethod().getFullMethodName(),
          GRPCInferenceServiceGrpc.getServerLiveMethod().getFullMethodName(),
          GRPCInferenceServiceGrpc.getServerReadyMethod().getFullMethodName());

  /** Where a request names its model, the first that is set. */
  private static final List<String> MODEL = List.of("model_name", "name", "repository_name");

  /** A request may hold a name of any length. */
  private static final int MAX_NAME = 200;

  private final boolean isOn;
  private final Proxies proxies;

  /**
   * @param isOn whether there is an access log
   */
  CallLog(boolean isOn, Proxies proxies) {
    this.isOn = isOn;
    this.proxies = proxies;
  }

  /** A call that begins; null for one that gets no line. */
  @Nullable Entry begin(ServerCall<?, ?> call, Metadata headers) {
    String method = call.getMethodDescriptor().getFullMethodName();
    return !isOn || PROBES.contains(method)
        ? null
        : new Entry(method, caller(call, headers, proxies));
  }

  /** The address of a caller, as {@link Proxies#caller} tells; "" when it is unknown. */
  static String caller(ServerCall<?, ?> call, Metadata headers, Proxies proxies) {
    if (!(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)
            instanceof InetSocketAddress peer)
        || peer.isUnresolved()) {
      return "";
    }
    Iterable<String> forwarded = headers.getAll(FORWARDED); // null without one
    return proxies.caller(
        peer.getAddress().getHostAddress(), forwarded == null ? null : String.join(",", forwarded));
  }

  /** Notes who the current call comes from. */
  static void key(String name) {
    Entry entry = ENTRY.get();
    if (entry != null) {
      entry.key = name;
    }
  }

  /** What the line of a call says, from its beginning to its end. */
  static final class Entry {
    private final String method;
    private final String caller;
    private final long start = System.nanoTime();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean isOver = new AtomicBoolean();
    private volatile @Nullable String key;
    private volatile @Nullable String model;

    private Entry(String method, String caller) {
      this.method = method;
      this.caller = caller;
    }

    /** A context whose calls know this entry. */
    Context in(Context context) {
      return context.withValue(ENTRY, this);
    }

    void request(Object message) {
      if (model == null && message instanceof Message request) {
        for (String each : MODEL) {
          FieldDescriptor field = request.getDescriptorForType().findFieldByName(each);
          if (field != null && request.getField(field) instanceof String name && !name.isEmpty()) {
            model = name.substring(0, Math.min(MAX_NAME, name.length()));
            return;
          }
        }
      }
    }

    void answer(Object message) {
      if (message instanceof MessageLite answer) {
        bytes.addAndGet(answer.getSerializedSize());
      }
    }

    /** Writes the line, once: a call may be ended on both sides at the same time. */
    void end(Status.Code code) {
      if (!isOver.compareAndSet(false, true)) {
        return;
      }
      double millis = Math.round((System.nanoTime() - start) / 1e5) / 10.0;
      LoggingEventBuilder line = ACCESS.atInfo();
      if (model != null) {
        line = line.addKeyValue("model", model);
      }
      line.addKeyValue("key", key)
          .addKeyValue("method", "gRPC")
          .addKeyValue("path", "/" + method)
          .addKeyValue("status", http(code))
          .addKeyValue("grpc_status", code.name())
          .addKeyValue("bytes", bytes.get())
          .addKeyValue("millis", millis)
          .addKeyValue("caller", caller)
          .log(
              "gRPC /{} {} {} bytes, {} ms, from {} ({})",
              method,
              code.name(),
              bytes.get(),
              millis,
              caller,
              key == null ? "-" : key);
    }

    /** The status of HTTP that is nearest: one search finds the failures of both. */
    private static int http(Status.Code code) {
      return switch (code) {
        case OK -> 200;
        case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
        case UNAUTHENTICATED -> 401;
        case PERMISSION_DENIED -> 403;
        case NOT_FOUND -> 404;
        case ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION -> 409;
        case RESOURCE_EXHAUSTED -> 429;
        case CANCELLED -> 499;
        case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
        case UNIMPLEMENTED -> 501;
        case UNAVAILABLE -> 503;
        case DEADLINE_EXCEEDED -> 504;
      };
    }
  }
}
