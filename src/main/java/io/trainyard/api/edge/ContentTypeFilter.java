package io.trainyard.api.edge;

import io.trainyard.api.Problem;
import io.trainyard.api.ProblemWriter;
import io.trainyard.error.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses a {@code Content-Type} with a wildcard, which says nothing about the body. Spring fails
 * on it in several places.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
final class ContentTypeFilter extends OncePerRequestFilter {
  private final ProblemWriter problems;

  ContentTypeFilter(ProblemWriter problems) {
    this.problems = problems;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !mediaType(request).contains("*");
  }

  private static String mediaType(HttpServletRequest request) {
    String type = request.getContentType();
    return type == null ? "" : type.split(";", 2)[0];
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    problems.write(
        Problem.of(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "Content-Type must name one media type, as in application/json, was '"
                + mediaType(request).strip()
                + "'",
            request.getRequestURI(),
            List.of()),
        response);
  }
}
