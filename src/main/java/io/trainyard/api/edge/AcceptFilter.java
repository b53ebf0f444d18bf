package io.trainyard.api.edge;

import io.trainyard.api.Problem;
import io.trainyard.api.RequestFilter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Set;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * Forgets an {@code Accept} that names problems alone: it says how the caller wants errors, and
 * nothing about successes. Generated clients send it to an operation whose success has no body.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 6)
final class AcceptFilter implements RequestFilter {
  private static final Set<String> ACCEPT = Set.of("accept");
  private static final MediaType PROBLEM = MediaType.parseMediaType(Problem.MEDIA_TYPE);

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(
        namesOnlyProblems(request) ? new RequestWithoutHeaders(request, ACCEPT) : request,
        response);
  }

  private static boolean namesOnlyProblems(HttpServletRequest request) {
    String first = request.getHeader(HttpHeaders.ACCEPT);
    if (first == null || !first.contains(PROBLEM.getSubtype())) {
      return false;
    }
    try {
      return MediaType.parseMediaTypes(Collections.list(request.getHeaders(HttpHeaders.ACCEPT)))
          .stream()
          .allMatch(PROBLEM::equalsTypeAndSubtype);
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }
}
