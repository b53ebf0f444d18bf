package io.trainyard.api.idempotency;

import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.api.access.Authorization;
import io.trainyard.api.multipart.MultipartBody;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/** The operations that take an {@code Idempotency-Key}: their handlers say so. */
@Component
record KeyedOperations(
    @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping handlers,
    Authorization authorization) {
  /** How the body of an operation is read for its digest. */
  enum Body {
    SMALL,
    LARGE,
    PARTS
  }

  /**
   * The body of the operation that a request calls; empty for one that takes no key.
   *
   * @throws io.trainyard.error.ServiceException UNAUTHENTICATED or FORBIDDEN when the caller may
   *     not use the operation: a claim is stored, so it is checked before
   */
  Optional<Body> body(HttpServletRequest request) {
    HandlerMethod method = handler(request).orElse(null);
    if (method == null) {
      return Optional.empty();
    }
    Optional<Body> body = body(request, method);
    if (body.isPresent()) {
      authorization.require(request);
    }
    return body;
  }

  /**
   * Refuses a caller whose quota is used up.
   *
   * @throws io.trainyard.error.ServiceException QUOTA_EXCEEDED
   */
  void requireRoom(HttpServletRequest request) {
    authorization.requireRoom(request);
  }

  private Optional<HandlerMethod> handler(HttpServletRequest request) {
    ServletRequestPathUtils.parseAndCache(request);
    try {
      HandlerExecutionChain chain = handlers.getHandler(request);
      return chain != null && chain.getHandler() instanceof HandlerMethod method
          ? Optional.of(method)
          : Optional.empty();
    } catch (Exception e) {
      // No handler for this method or media type. The dispatcher finds the same and answers it.
      return Optional.empty();
    }
  }

  private static Optional<Body> body(HttpServletRequest request, HandlerMethod method) {
    TakesIdempotencyKey key = method.getMethodAnnotation(TakesIdempotencyKey.class);
    if (key == null) {
      return Optional.empty();
    }
    if (!MultipartBody.isSentBy(request)) {
      return Optional.of(key.largeBody() ? Body.LARGE : Body.SMALL);
    }
    // The handler refuses parts that it doesn't take.
    return MultipartBody.isTakenBy(method) ? Optional.of(Body.PARTS) : Optional.empty();
  }
}
