package io.trainyard.api.edge;

import io.trainyard.api.BodyMemory;
import io.trainyard.api.RequestFilter;
import io.trainyard.api.ScopedRequest;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Gives back the memory of a request's body when the request has been answered. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 4)
record BodyMemoryFilter(BodyMemory memory) implements RequestFilter {
  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try (BodyMemory.Reservation reservation = memory.open()) {
      ScopedRequest.run(
          rest -> ScopedValue.where(BodyMemory.CURRENT, reservation).call(rest),
          () -> chain.doFilter(request, response));
    }
  }
}
