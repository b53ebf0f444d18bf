package io.trainyard.api.edge;

import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestFilter;
import io.trainyard.error.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Refuses a {@code Content-Type} with a wildcard, which says nothing about the body. Spring fails
 * on it in several places.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
record ContentTypeFilter(ProblemWriter problems) implements RequestFilter {
  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String type = request.getContentType();
    if (type == null || !hasWildcard(type)) {
      chain.doFilter(request, response);
      return;
    }
    problems.refuse(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "Content-Type must name one media type, as in application/json, was '"
            + type.split(";", 2)[0].strip()
            + "'",
        request,
        response);
  }

  /** Parameters, as the boundary of a form, may have a star. */
  private static boolean hasWildcard(String type) {
    int star = type.indexOf('*');
    int parameters = type.indexOf(';');
    return star >= 0 && (parameters < 0 || star < parameters);
  }
}
