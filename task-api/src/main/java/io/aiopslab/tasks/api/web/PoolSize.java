package io.aiopslab.tasks.api.web;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** How many connections the database's pool has at most; Hikari's own default is 10. */
@Component
record PoolSize(@Value("${spring.datasource.hikari.maximum-pool-size:10}") int connections) {}
