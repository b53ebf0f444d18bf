package io.trainyard.api.edge;

import io.trainyard.api.Probes;
import io.trainyard.api.ProblemWriter;
import io.trainyard.api.RequestFilter;
import io.trainyard.error.ErrorCode;
import io.trainyard.job.process.Roles;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** A pure worker serves health and metrics, and nothing else. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
record RoleFilter(Roles roles, ProblemWriter problems) implements RequestFilter {
  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String path = request.getRequestURI();
    if (roles.api() || path.startsWith("/actuator/") || Probes.isOfProcess(path)) {
      chain.doFilter(request, response);
      return;
    }
    problems.refuse(
        ErrorCode.ROUTE_NOT_FOUND,
        "This process only trains (trainyard.roles is worker); call one with the role api",
        request,
        response);
  }
}
