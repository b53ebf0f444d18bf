package io.trainyard.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.trainyard.access.Access;
import io.trainyard.access.CallerLimits;
import io.trainyard.access.CallerMeters;
import io.trainyard.access.Identity;
import io.trainyard.access.Proxies;
import io.trainyard.access.Scope;
import io.trainyard.error.ServiceException;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Finds out who calls, by the metadata {@code authorization}, and refuses calls without the scope
 * that they need. A method that is not in the table is refused to everyone but administrators.
 * Health and reflection need no key, as over HTTP.
 */
@Component
@OnApiRole
record CallAccess(
    Access access, CallerLimits limits, CallFailures failures, CallerMeters meters, Proxies proxies)
    implements ServerInterceptor {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** The scopes of which a call needs one; none: it needs no key. */
  static final Map<String, Set<Scope>> RULES =
      Map.ofEntries(
          Map.entry("ServerLive", Set.of()),
          Map.entry("ServerReady", Set.of()),
          Map.entry("ServerMetadata", Set.of(Scope.READ, Scope.PREDICT)),
          Map.entry("ModelReady", Set.of(Scope.READ, Scope.PREDICT)),
          Map.entry("ModelMetadata", Set.of(Scope.READ, Scope.PREDICT)),
          Map.entry("ModelInfer", Set.of(Scope.PREDICT)),
          Map.entry("ModelStreamInfer", Set.of(Scope.PREDICT)),
          Map.entry("ModelConfig", Set.of(Scope.READ, Scope.PREDICT)),
          Map.entry("ModelStatistics", Set.of(Scope.READ)),
          Map.entry("RepositoryIndex", Set.of(Scope.READ)),
          Map.entry("RepositoryModelLoad", Set.of(Scope.MODELS_WRITE)),
          Map.entry("RepositoryModelUnload", Set.of(Scope.MODELS_WRITE)));

  private static final String STREAM = "/ModelStreamInfer";

  /** Services that need no key. */
  private static final Set<String> OTHERS = Set.of("grpc.health.v1.", "grpc.reflection.");

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    if (OTHERS.stream().anyMatch(method::startsWith)) {
      return next.startCall(call, headers);
    }
    @Nullable String authorization;
    Identity caller;
    CallerLimits.Permit permit;
    try {
      authorization = access.isOpen() ? null : Access.one(authorizations(headers));
      String address = CallLog.caller(call, headers, proxies);
      caller = caller(method, authorization).from(address);
      CallLog.key(caller.label());
      permit = limits.enter(caller, address);
    } catch (ServiceException e) {
      Status status = failures.status(e);
      call.close(status, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (!isFree(method)) {
      CallLimits.askAgain(() -> refusal(method, authorization, caller));
    }
    try {
      Runnable end = end(method, caller, permit);
      return caller.call(() -> new Admitted<>(next.startCall(call, headers), caller, end));
    } catch (RuntimeException | Error e) {
      permit.close(); // the call gets no listener that could
      throw e;
    }
  }

  private static List<String> authorizations(Metadata headers) {
    List<String> all = new ArrayList<>();
    Iterable<String> given = headers.getAll(AUTHORIZATION); // null without one
    if (given != null) {
      given.forEach(all::add);
    }
    return all;
  }

  /** What happens once a call is over. */
  private Runnable end(String method, Identity caller, CallerLimits.Permit permit) {
    long start = System.nanoTime();
    return () -> {
      permit.close();
      // A stream may be open for long without a message.
      if (!isFree(method) && !method.endsWith(STREAM)) {
        meters.ended(caller.label(), System.nanoTime() - start);
      }
    };
  }

  /** Why a call that is under way may not go on; null while it may. */
  private @Nullable Status refusal(String method, @Nullable String authorization, Identity caller) {
    try {
      Identity now = caller.call(() -> caller(method, authorization), Identity::again);
      return now.models().equals(caller.models()) && now.datasets().equals(caller.datasets())
          ? null
          : Status.PERMISSION_DENIED.withDescription(
              "What this caller may use has changed since the call began; call again");
    } catch (ServiceException e) {
      return failures.status(e);
    }
  }

  private Identity caller(String method, @Nullable String authorization) {
    if (access.isOpen()) {
      return access.identify(null);
    }
    Set<Scope> any = needed(method);
    if (any.isEmpty()) {
      return Identity.nobody();
    }
    Identity caller = access.identify(authorization);
    if (caller.id().isEmpty()) {
      throw access.needsKey();
    }
    if (any.stream().noneMatch(caller::has)) {
      caller.require(any, method);
    }
    return caller;
  }

  /** Whether a method needs no key. */
  static boolean isFree(String method) {
    return OTHERS.stream().anyMatch(method::startsWith) || needed(method).isEmpty();
  }

  private static Set<Scope> needed(String method) {
    String service = GRPCInferenceServiceGrpc.SERVICE_NAME + "/";
    return method.startsWith(service)
        ? RULES.getOrDefault(method.substring(service.length()), Set.of(Scope.ADMIN))
        : Set.of(Scope.ADMIN);
  }

  /** Runs a call as its caller, and gives its place back when it is over. */
  private static final class Admitted<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Identity caller;
    private final Runnable end;
    private final AtomicBoolean over = new AtomicBoolean();

    Admitted(ServerCall.Listener<Q> call, Identity caller, Runnable end) {
      super(call);
      this.caller = caller;
      this.end = end;
    }

    @Override
    public void onMessage(Q message) {
      as(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      as(super::onHalfClose);
    }

    @Override
    public void onReady() {
      as(super::onReady);
    }

    @Override
    public void onCancel() {
      end();
      as(super::onCancel);
    }

    @Override
    public void onComplete() {
      end();
      as(super::onComplete);
    }

    private void as(Runnable event) {
      caller.call(
          () -> {
            event.run();
            return true;
          });
    }

    private void end() {
      if (over.compareAndSet(false, true)) {
        end.run();
      }
    }
  }
}
