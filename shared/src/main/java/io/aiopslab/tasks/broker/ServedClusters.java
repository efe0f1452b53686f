package io.aiopslab.tasks.broker;

import java.util.List;

/**
 * What a worker says of itself in the names of its connections.
 *
 * @param names of its clusters
 */
public record ServedClusters(List<String> names) {}
