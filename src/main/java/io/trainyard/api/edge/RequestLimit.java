package io.trainyard.api.edge;

import io.trainyard.api.Probes;
import io.trainyard.api.Problem;
import io.trainyard.api.ProblemWriter;
import io.trainyard.error.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Bounds the requests that are answered at once: each has its own virtual thread, so no pool of
 * threads bounds them. Health is always answered.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class RequestLimit extends HttpFilter {
  private final Semaphore places;
  private final int limit;
  private final ProblemWriter problems;

  RequestLimit(EdgeProperties properties, ProblemWriter problems) {
    this.limit = properties.maxRequests();
    this.places = new Semaphore(limit);
    this.problems = problems;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (Probes.isProbe(request.getRequestURI())) {
      chain.doFilter(request, response);
      return;
    }
    if (!places.tryAcquire()) {
      problems.write(
          Problem.of(
              ErrorCode.UNAVAILABLE,
              "The service answers " + limit + " requests, which is its limit; retry later",
              request.getRequestURI(),
              List.of()),
          response);
      return;
    }
    try {
      chain.doFilter(request, response);
    } finally {
      places.release();
    }
  }
}
