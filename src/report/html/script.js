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
        var before = head.getAttribute('aria-sort'), numbers = body.rows.length > 0 && body.querySelector('tr td:nth-child(' + (column + 1) + ')[data-sort]');
        var down = before ? before === 'ascending' : !!numbers;
        Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        var value = function (row) {
          var cell = row.cells[column];
          return cell.hasAttribute('data-sort') ? parseFloat(cell.getAttribute('data-sort')) : cell.textContent;
        };
        // What is blank or not known comes last, whichever way.
        var blank = function (value) { return value === '' || value === 'unknown' || value === '–'; };
        Array.from(body.rows).map(function (row, at) { return [value(row), at, row]; }).sort(function (a, b) {
          if (blank(a[0]) || blank(b[0])) { return blank(a[0]) - blank(b[0]) || a[1] - b[1]; }
          var order = typeof a[0] === 'number' && typeof b[0] === 'number' ? a[0] - b[0] : String(a[0]).localeCompare(String(b[0]), 'en');
          return (down ? -order : order) || a[1] - b[1];
        }).forEach(function (entry) { body.appendChild(entry[2]); });
      });
    });
  });
  // Map: one stop for the tab key; arrows go to the next county that way.
  var map = document.getElementById('map'), frame = document.getElementById('map-frame'), info = document.getElementById('county'), marks = document.querySelectorAll('.mark');
  if (!map) { return; }
  var paths = Array.from(map.querySelectorAll('.c path')), places = null, last = null;
  paths.forEach(function (path) { path.setAttribute('tabindex', '-1'); });
  paths[0].setAttribute('tabindex', '0');
  function show(path) {
    info.textContent = path.querySelector('title').textContent;
    marks.forEach(function (mark) { mark.setAttribute('d', path.getAttribute('d')); });
  }
  function middle(path) { var box = path.getBBox(); return [box.x + box.width / 2, box.y + box.height / 2]; }
  frame.addEventListener('mouseover', function (event) {
    if (event.target.parentNode.classList && event.target.parentNode.classList.contains('c')) { show(event.target); }
  });
  frame.addEventListener('focusin', function (event) {
    if (!event.target.parentNode.classList || !event.target.parentNode.classList.contains('c')) { return; }
    if (last) { last.setAttribute('tabindex', '-1'); }
    last = event.target;
    last.setAttribute('tabindex', '0');
    paths[0].setAttribute('tabindex', last === paths[0] ? '0' : '-1');
    show(last);
  });
  frame.addEventListener('keydown', function (event) {
    var way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (last && (event.key === 'Home' || event.key === 'End')) {
      event.preventDefault();
      paths[event.key === 'Home' ? 0 : paths.length - 1].focus();
      return;
    }
    if (!way || !last) { return; }
    event.preventDefault();
    places = places || paths.map(middle);
    var here = places[paths.indexOf(last)], best = null, least = Infinity;
    places.forEach(function (place, at) {
      var x = place[0] - here[0], y = place[1] - here[1];
      var along = x * way[0] + y * way[1], across = Math.abs(x * way[1] + y * way[0]);
      if (along <= 0 || across > 2 * along) { return; }
      var far = along + across;
      if (far < least) { least = far; best = paths[at]; }
    });
    if (best) { best.focus(); }
  });
}());
