package io.trainyard.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.FailureClassifier;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The only place that translates a failure to a status of gRPC. */
@Component
@OnApiRole
record CallFailures(List<FailureClassifier> classifiers) {
  private static final Logger log = LoggerFactory.getLogger(CallFailures.class);

  /** The status that tells the caller about a failure of the current call. */
  Status status(Throwable failure) {
    Context call = Context.current();
    if (call.isCancelled()) {
      Deadline deadline = call.getDeadline();
      return deadline != null && deadline.isExpired()
          ? Status.DEADLINE_EXCEEDED.withDescription("The answer was not ready in time")
          : Status.CANCELLED.withDescription("The caller has cancelled the call");
    }
    return switch (failure) {
      case OutOfMemoryError e -> {
        log.warn("A call found no free heap", e);
        yield Status.RESOURCE_EXHAUSTED.withDescription(
            "The service has no memory left for this request; retry later, or send less at once");
      }
      case ServiceException e when e.code().family() != ErrorCode.Family.INTERNAL ->
          code(e).withDescription(description(e));
      default ->
          classifiers.stream()
              .flatMap(classifier -> classifier.classify(failure).stream())
              .findFirst()
              .map(known -> code(known).withDescription(known.detail()))
              .orElseGet(() -> internal(failure));
    };
  }

  private static Status code(ServiceException failure) {
    return switch (failure.code()) {
      case QUEUE_FULL, TOO_MUCH_MEMORY, OUT_OF_MEMORY -> Status.RESOURCE_EXHAUSTED;
      default ->
          switch (failure.code().family()) {
            case UNREADABLE, INVALID, PROTOCOL -> Status.INVALID_ARGUMENT;
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case NOT_FOUND -> Status.NOT_FOUND;
            case TOO_LARGE, LIMITED -> Status.RESOURCE_EXHAUSTED;
            case CONFLICT, PRECONDITION -> Status.FAILED_PRECONDITION;
            case BUSY -> Status.UNAVAILABLE;
            case INTERNAL -> Status.INTERNAL;
          };
    };
  }

  private static String description(ServiceException failure) {
    List<Violation> faults = failure.violations();
    return faults.isEmpty() ? failure.detail() : Violation.text(faults);
  }

  /** The caller gets an id; the log has the rest under it. */
  private static Status internal(Throwable failure) {
    String id = UUID.randomUUID().toString();
    log.error("Failure {} in a call", id, failure);
    String detail =
        failure instanceof ServiceException known ? known.detail() : ErrorCode.INTERNAL.title();
    return Status.INTERNAL.withDescription(detail + "; the log has more under " + id);
  }
}
