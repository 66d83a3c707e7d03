(function () {
  'use strict';
  // Tables: a button in each heading sorts by its column, down and up in turn.
  document.querySelectorAll('table.sortable').forEach(function (table) {
    var body = table.tBodies[0];
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent || 'Rank';
      head.textContent = '';
      head.appendChild(button);
      button.addEventListener('click', function () {
        var down = head.getAttribute('aria-sort') !== 'descending';
        Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        var value = function (row) {
          var cell = row.cells[column];
          return cell.hasAttribute('data-sort') ? parseFloat(cell.getAttribute('data-sort')) : cell.textContent;
        };
        Array.from(body.rows).map(function (row, at) { return [value(row), at, row]; }).sort(function (a, b) {
          var order = typeof a[0] === 'number' && typeof b[0] === 'number' ? a[0] - b[0] : String(a[0]).localeCompare(String(b[0]), 'en');
          return (down ? -order : order) || a[1] - b[1];
        }).forEach(function (entry) { body.appendChild(entry[2]); });
      });
    });
  });
  // Map: one stop for the tab key; arrows go to the next county that way.
  var map = document.getElementById('map'), info = document.getElementById('county'), mark = document.getElementById('mark');
  if (!map) { return; }
  var paths = Array.from(map.querySelectorAll('.c path')), places = null, last = null;
  paths.forEach(function (path) { path.setAttribute('tabindex', '-1'); });
  paths[0].setAttribute('tabindex', '0');
  function show(path) {
    info.textContent = path.querySelector('title').textContent;
    mark.setAttribute('d', path.getAttribute('d'));
  }
  function middle(path) { var box = path.getBBox(); return [box.x + box.width / 2, box.y + box.height / 2]; }
  map.addEventListener('mouseover', function (event) {
    if (event.target.parentNode.classList.contains('c')) { show(event.target); }
  });
  map.addEventListener('focusin', function (event) {
    if (!event.target.parentNode.classList.contains('c')) { return; }
    if (last) { last.setAttribute('tabindex', '-1'); }
    last = event.target;
    last.setAttribute('tabindex', '0');
    paths[0].setAttribute('tabindex', last === paths[0] ? '0' : '-1');
    show(last);
  });
  map.addEventListener('keydown', function (event) {
    var way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way || !last) { return; }
    event.preventDefault();
    places = places || paths.map(middle);
    var here = places[paths.indexOf(last)], best = null, least = Infinity;
    places.forEach(function (place, at) {
      var x = place[0] - here[0], y = place[1] - here[1];
      var along = x * way[0] + y * way[1], across = Math.abs(x * way[1] + y * way[0]);
      if (along <= 0 || across > 2 * along) { return; }
      var far = along + 2 * across;
      if (far < least) { least = far; best = paths[at]; }
    });
    if (best) { best.focus(); }
  });
}());
