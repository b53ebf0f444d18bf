package io.trainyard.api.idempotency;

import io.trainyard.api.TakesIdempotencyKey;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/** The operations that take an {@code Idempotency-Key}: their handlers say so. */
@Component
final class KeyedOperations {
  private final RequestMappingHandlerMapping handlers;

  KeyedOperations(
      @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping handlers) {
    this.handlers = handlers;
  }

  boolean include(HttpServletRequest request) {
    ServletRequestPathUtils.parseAndCache(request);
    try {
      HandlerExecutionChain chain = handlers.getHandler(request);
      return chain != null
          && chain.getHandler() instanceof HandlerMethod method
          && method.hasMethodAnnotation(TakesIdempotencyKey.class);
    } catch (Exception e) {
      // No handler for this method or media type. The dispatcher finds the same and answers it.
      return false;
    }
  }
}
